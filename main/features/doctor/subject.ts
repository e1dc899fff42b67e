import { isIP } from 'node:net'
import type { FleetRow } from '#contract/model/gateway.ts'
import { wireName } from '#contract/model/ids.ts'
import type { TenantScope } from '#features/access/index.ts'
import type { FleetState } from '#features/fleet/index.ts'

/** What a person means by what they typed. */
export type Subject =
  | { kind: 'gateway'; row: FleetRow }
  | { kind: 'address'; address: string }
  /** A MAC or a label of no gateway that is seen. */
  | { kind: 'box'; mac: string | null; label: string | null }
  | { kind: 'unknown' }

/** Only of what is in scope: a gateway of another tenant is one that is not known. */
export function readSubject(
  given: string,
  state: FleetState,
  { scope, tenantId }: { scope: TenantScope; tenantId: string | null },
): Subject {
  const wanted = given.trim()
  const address = addressIn(wanted)
  if (address !== null) return { kind: 'address', address }
  const rows = state.rows(scope).filter((row) => tenantId === null || row.tenantId === tenantId)
  const mac = macIn(wanted)
  const small = wanted.toLowerCase()
  const row =
    rows.find(({ id, code }) => id === wanted || code === wanted) ??
    rows.find((one) => one.code.toLowerCase() === small || one.label.toLowerCase() === small) ??
    rows.find((one) => (mac !== null && one.mac === mac) || wireName(one).toLowerCase() === small)
  if (row) return { kind: 'gateway', row }
  if (mac !== null) return { kind: 'box', mac, label: null }
  return /^[A-Z0-9][A-Z0-9-]{2,31}$/i.test(wanted)
    ? { kind: 'box', mac: null, label: wanted }
    : { kind: 'unknown' }
}

/** With a port or in brackets too, as it stands in a log. */
function addressIn(text: string): string | null {
  const bare = text.replace(/^\[(.*)\](:\d+)?$/, '$1').replace(/^(\d+\.\d+\.\d+\.\d+):\d+$/, '$1')
  if (isIP(bare) === 0) return null
  const plain = bare.replace(/^::ffff:(?=\d+\.)/i, '').toLowerCase()
  return isIP(plain) === 6 ? new URL(`http://[${plain}]`).hostname.slice(1, -1) : plain
}

function macIn(text: string): string | null {
  const digits = text.replace(/[:.-]/g, '').toLowerCase()
  return /^[0-9a-f]{12}$/.test(digits) ? (digits.match(/../g)?.join(':') ?? null) : null
}
