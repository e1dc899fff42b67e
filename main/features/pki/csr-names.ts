import { DeviceIdSchema } from '#contract/model/box-names.ts'
import { normalizeMac } from '#contract/model/ids.ts'
import type { Csr } from './csr.ts'
import { csrRefused } from './csr-refusal.ts'

/** What a box is called: the names that its request may carry. */
export interface BoxNames {
  /** `aa:bb:cc:dd:ee:ff` */
  mac: string | null
  label: string | null
  deviceId: string | null
  /** Of a gateway that exists. */
  gatewayId?: string
}

/**
 * A request names nobody but its box, in subject and alternative names, whatever the letters' case. None at all is fine: the
 * certificate gets its names from the site.
 *
 * @throws ExpectedError `csr_refused`
 */
export function requireOwnNames({ commonNames, alternativeNames }: Csr, names: BoxNames): void {
  for (const name of [...commonNames, ...alternativeNames])
    if (!isOwn(name, names))
      throw csrRefused(
        'name_foreign',
        `it names "${name.slice(0, 80)}", which is not the MAC, device id or label of this box`,
      )
}

const GATEWAY_URN = 'urn:millwright:gateway:'

function isOwn(name: string, { mac, label, deviceId, gatewayId }: BoxNames): boolean {
  const asMac = normalizeMac(name)
  if (asMac !== null && asMac === mac) return true
  const lower = name.toLowerCase()
  const urns = gatewayId === undefined ? [] : [gatewayId, GATEWAY_URN + gatewayId]
  return [label, deviceId, ...urns].some((one) => one?.toLowerCase() === lower)
}

/** Labels as `contract/api/gateways.ts` takes them. */
const LABEL = /^[A-Z0-9][A-Z0-9-]{2,31}$/

/** The names of a box that says none beside its request: by what its common name looks like. @throws ExpectedError `csr_refused` */
export function namesFrom({ commonNames }: Csr): BoxNames {
  const [name = ''] = commonNames
  const mac = normalizeMac(name)
  if (mac !== null) return { mac, label: null, deviceId: null }
  if (LABEL.test(name)) return { mac: null, label: name, deviceId: null }
  if (name === '') throw csrRefused('name_foreign', 'neither it nor the call names a MAC, device id or label')
  if (!DeviceIdSchema.safeParse(name).success)
    throw csrRefused('name_foreign', 'its common name is no MAC, device id or label')
  return { mac: null, label: null, deviceId: name }
}
