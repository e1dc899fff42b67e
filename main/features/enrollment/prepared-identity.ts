import { ExpectedError } from '#contract/errors.ts'
import { gatewaysRepository } from '#features/fleet/index.ts'
import {
  type DeliveredCredential,
  type GatewayPublicKey,
  makeDelivered,
  type Pki,
} from '#features/pki/index.ts'
import type { Clock } from '#platform/clock/clock.ts'
import type { SiteDb } from '#platform/db/site-db.ts'
import { uuid7 } from '#platform/ids/uuid7.ts'
import type { KnownGateway, Sought } from './known-gateway.ts'
import { labelCandidates } from './labels.ts'
import type { EnrollmentNaming } from './naming.ts'
import type { EnrollmentOrder } from './order.ts'
import { chooseByProfile, type ProfileChoice } from './profile-choice.ts'

/** Who a box will be, before it is. */
export interface PreparedIdentity {
  gatewayId: string
  tenantId: string
  mac: string | null
  code: string
  name: string
  label: string
  /** An existing gateway is enrolled again. */
  again: boolean
  choice: ProfileChoice
  /** Empty until the key is known, where the box makes it. */
  credential: DeliveredCredential
}

const noCredential: DeliveredCredential = {
  certificate: null,
  secret: null,
  chainPem: null,
  privateKeyPem: null,
  secretText: null,
}

interface PreparationTools {
  db: SiteDb
  clock: Clock
  pki: Pki
  naming: EnrollmentNaming
}

/** Names and choices as `enroll` will make them. @throws ExpectedError `code_taken`, `label_taken`, `not_found`, `dialect_unknown` */
export async function prepareIdentity(
  { db, clock, naming }: PreparationTools,
  of: { order: EnrollmentOrder; sought: Sought; known: KnownGateway | null; makesKey: boolean },
): Promise<PreparedIdentity> {
  const { order, sought, known, makesKey } = of
  const { mac, tenantId } = sought
  const choice = await chooseByProfile(db, tenantId, order, makesKey)
  naming.requireDialect(choice.dialect)
  const gatewayId = known?.id ?? uuid7(clock.now())
  const label = order.label ?? known?.label ?? (await freeLabel(db, mac, gatewayId))
  // A gateway that comes from another tenant, or from nobody, is called anew.
  const stays = known !== null && known.tenantId === tenantId && known.state !== 'unclaimed'
  const code = order.code ?? (stays ? known.code : label)
  if (code !== known?.code && (await gatewaysRepository.codeIsTaken(db, tenantId, code)))
    throw new ExpectedError('code_taken', { code })
  return {
    gatewayId,
    tenantId,
    mac,
    code,
    name: order.name ?? (stays ? known.name : code),
    label,
    again: known !== null,
    choice,
    credential: noCredential,
  }
}

/** With a credential of its own, which is stored nowhere. @throws ExpectedError `setup_required` */
export async function giveCredential(
  { db, clock, pki }: PreparationTools,
  identity: PreparedIdentity,
  publicKey?: GatewayPublicKey,
): Promise<PreparedIdentity> {
  const { gatewayId, mac, choice } = identity
  const credential = await makeDelivered(pki, db, {
    gatewayId,
    mac,
    credential: choice.credential,
    keyAlgorithm: choice.keyAlgorithm,
    ...(publicKey && { publicKey }),
    now: clock.now(),
  })
  return { ...identity, credential }
}

async function freeLabel(db: SiteDb, mac: string | null, id: string): Promise<string> {
  const candidates = labelCandidates(mac, id)
  for (const label of candidates) if (!(await gatewaysRepository.labelIsTaken(db, label))) return label
  throw new ExpectedError('label_taken', { label: candidates[0] ?? id })
}
