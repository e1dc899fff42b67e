import type { CredentialKind, DialectName, Gateway } from '#contract/model/gateway.ts'
import { normalizeMac } from '#contract/model/ids.ts'

export interface GatewayForm {
  mac: string
  code: string
  name: string
  /** Slug; empty where the site has one tenant. */
  tenant: string
  /** Id; null: in none. */
  group: string | null
  /** Id; null: none. */
  profile: string | null
  key: 'ec' | 'rsa'
  /** Null: as its profile says. */
  credential: CredentialKind | null
  dialect: DialectName | null
}

export type FieldProblem =
  | 'mac_invalid'
  | 'mac_needed'
  | 'code_empty'
  | 'code_invalid'
  | 'name_empty'
  | 'name_long'
  | 'tenant_empty'
  | 'group_empty'
export type FieldProblems = Partial<Record<keyof GatewayForm, FieldProblem>>

/** The contract's bounds, said field by field. */
export function problemsOf(form: GatewayForm, severalTenants: boolean, groupNeeded = false): FieldProblems {
  const problems: FieldProblems = {}
  const mac = form.mac.trim()
  const code = form.code.trim()
  const name = form.name.trim()
  if (mac !== '' && normalizeMac(mac) === null) problems.mac = 'mac_invalid'
  // Its topics are named by the MAC (domain.md, dialect `tds`).
  if (mac === '' && form.dialect === 'tds') problems.mac = 'mac_needed'
  if (code === '') problems.code = 'code_empty'
  else if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,29}$/.test(code)) problems.code = 'code_invalid'
  if (name === '') problems.name = 'name_empty'
  else if (name.length > 100) problems.name = 'name_long'
  if (severalTenants && form.tenant === '') problems.tenant = 'tenant_empty'
  if (groupNeeded && form.group === null) problems.group = 'group_empty'
  return problems
}

/** What the gateway is to prove itself with. */
export function credentialOf(
  { credential }: Pick<GatewayForm, 'credential'>,
  profile: { credential: CredentialKind } | undefined,
): CredentialKind {
  return credential ?? profile?.credential ?? 'certificate'
}

/** The answers that enroll a revoked gateway anew: the same tenant, MAC and code bring it back. */
export function formOfGateway(gateway: Gateway): GatewayForm {
  const key = gateway.certificate?.keyAlgorithm.startsWith('RSA') === true ? 'rsa' : 'ec'
  return {
    mac: gateway.mac ?? '',
    code: gateway.code,
    name: gateway.name,
    tenant: gateway.tenant.slug,
    group: gateway.group?.id ?? null,
    profile: gateway.profile?.id ?? null,
    key,
    credential: gateway.credential,
    dialect: gateway.dialect,
  }
}

/** What `gateways.provision` takes. */
export function requestOf(form: GatewayForm) {
  const mac = normalizeMac(form.mac)
  return {
    ...(mac === null ? {} : { mac_address: mac }),
    code: form.code.trim(),
    name: form.name.trim(),
    ...(form.tenant === '' ? {} : { tenant: form.tenant }),
    ...(form.group === null ? {} : { group: form.group }),
    ...(form.profile === null ? {} : { profile: form.profile }),
    ...(form.credential === null ? {} : { credential: form.credential }),
    // Of a key that its profile chooses nothing is said, and a secret has none.
    ...(form.credential === 'secret' || (form.profile !== null && form.credential === null)
      ? {}
      : { key_algorithm: form.key }),
    ...(form.dialect === null ? {} : { dialect: form.dialect }),
  }
}

/** The next free code after the highest of the fleet's own pattern: `GW041` after `GW040`. */
export function nextCode(codes: readonly string[]): string {
  let best: { prefix: string; number: number; width: number } | null = null
  const patterns = new Map<string, number>()
  const parsed = codes.flatMap((code) => {
    const match = /^(.*?)(\d{1,9})$/.exec(code)
    return match === null
      ? []
      : [{ prefix: match[1] ?? '', number: Number(match[2]), width: (match[2] ?? '').length }]
  })
  for (const { prefix } of parsed) patterns.set(prefix, (patterns.get(prefix) ?? 0) + 1)
  for (const candidate of parsed) {
    const uses = patterns.get(candidate.prefix) ?? 0
    const bestUses = best === null ? 0 : (patterns.get(best.prefix) ?? 0)
    if (best === null || uses > bestUses || (uses === bestUses && candidate.number > best.number))
      best = candidate
  }
  return best === null ? 'GW001' : `${best.prefix}${String(best.number + 1).padStart(best.width, '0')}`
}

/** Errors of the site that belong to a field of the form. */
export const fieldOfError: Partial<Record<string, keyof GatewayForm>> = {
  mac_invalid: 'mac',
  mac_taken: 'mac',
  code_taken: 'code',
  tenant_unknown: 'tenant',
  dialect_unknown: 'dialect',
}
