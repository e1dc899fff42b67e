import type { Csr } from '#features/pki/index.ts'
import type { KnockRow } from '../knocks/knock-book.ts'
import { boxLabel } from '../labels.ts'
import type { EnrollmentOrder } from '../order.ts'

/** What somebody says that claimed boxes become. */
export interface Becomes {
  tenant?: string | undefined
  group?: string | undefined
  profile?: string | undefined
  dialect?: string | undefined
  credential?: EnrollmentOrder['credential']
}

export interface ClaimedAs extends Becomes {
  code?: string | undefined
  name?: string | undefined
  replace: boolean
}

/** What boxes of the reference systems speak; others speak our own, or what their profile says. */
const dialectOfWay = { bootstrap: undefined, csr: undefined, slots: 'slots', tds: 'tds' } as const

/** How a box that knocked becomes a gateway. What it says of itself counts where the claim and its profile say nothing. */
export function orderFor(
  knock: KnockRow,
  as: ClaimedAs,
  readKey: (csr: Uint8Array) => Csr['publicKey'],
): EnrollmentOrder {
  const { mac, label, deviceId, chip, firmware, hardware, way, csr } = knock
  const { profile, code = null, name = null, tenant, group, replace } = as
  const wayDialect = profile === undefined ? dialectOfWay[way] : undefined
  return {
    mac,
    code,
    name,
    tenant,
    group,
    profile,
    label: boxLabel({ mac, label, deviceId }),
    dialect: as.dialect ?? wayDialect,
    credential: as.credential ?? credentialOf(knock, profile),
    keyAlgorithm: undefined,
    platform: chip,
    firmwareVersion: firmware,
    hardwareRevision: hardware,
    replace,
    isUnproven: true,
    // Whoever claims it says whose it is: nothing more has to be shown.
    awaitsBind: false,
    reason: 'claimed',
    ...(csr !== null && { publicKey: readKey(csr) }),
    // Its firmware knows no other name than its label (000).
    ...(way === 'slots' && label !== null && { aliases: { topic: label, username: label } }),
  }
}

/** Who asks for a secret can do nothing with a certificate; a certificate is what is made where nothing is asked. */
function credentialOf({ credential }: KnockRow, profile: string | undefined): EnrollmentOrder['credential'] {
  return credential === 'secret' || profile === undefined ? credential : undefined
}
