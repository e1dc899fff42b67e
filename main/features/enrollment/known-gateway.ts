import { ExpectedError } from '#contract/errors.ts'
import { seesGateway, type TenantScope } from '#features/access/index.ts'
import { gatewaysRepository } from '#features/fleet/index.ts'
import type { SiteDb, SiteTrx } from '#platform/db/site-db.ts'

export interface Sought {
  mac: string | null
  /** Only where there is no MAC to know it by. */
  label: string | undefined
  code: string | null
  tenantId: string
  scope: TenantScope
  /** Whether a claimed, active or suspended gateway of the tenant may be enrolled again. */
  replace: boolean
  isUnproven?: boolean
  ofSuspended?: boolean
}

export type KnownGateway = NonNullable<Awaited<ReturnType<typeof gatewaysRepository.gatewayByMac>>>

/**
 * The gateway that a box was before, if it may be that again: a revoked one of the same tenant and code; one that nobody
 * owns; with `replace` any of the same tenant. Null where the box is new.
 *
 * @throws ExpectedError `mac_taken`, `label_taken`; `gateway_state_conflict` for one that is suspended: that ends by itself alone
 */
export async function findKnown(db: SiteDb | SiteTrx, sought: Sought): Promise<KnownGateway | null> {
  const { mac, label, code, tenantId, scope, replace, isUnproven = false, ofSuspended = false } = sought
  const known = await lookUp(db, sought)
  if (!known) return null
  // It belongs to nobody: whoever enrolls it has it.
  if (known.state === 'unclaimed') return known
  const isTheirs = known.tenantId === tenantId && seesGateway(scope, known)
  if (isTheirs && known.state === 'suspended' && !ofSuspended)
    throw new ExpectedError('gateway_state_conflict', {
      code: known.code,
      state: known.state,
      action: 'enrolled again',
    })
  if (isTheirs && replace) return known
  const mayReturn = known.state === 'revoked' && !isUnproven
  if (isTheirs && mayReturn && (code === null || known.code === code)) return known
  // A gateway that the caller does not see is not named: that it exists is all that a refusal may tell.
  if (mac !== null) {
    const other = known.tenantId === tenantId ? 'that you do not see' : 'of another tenant'
    throw new ExpectedError('mac_taken', { mac, code: isTheirs ? known.code : other })
  }
  if (label !== undefined) throw new ExpectedError('label_taken', { label })
  // One that is known by its code alone: inserting finds that it is taken.
  return null
}

async function lookUp(db: SiteDb | SiteTrx, { mac, label, code, tenantId }: Sought) {
  if (mac !== null) return gatewaysRepository.gatewayByMac(db, mac)
  const labelled = label === undefined ? undefined : await gatewaysRepository.gatewayByLabel(db, label)
  if (labelled) return labelled
  return code === null ? undefined : gatewaysRepository.gatewayWithoutMac(db, tenantId, code)
}

/** Whether a key or secret of it still waits to be fetched. */
export async function hasOpenHandover(trx: SiteTrx, gatewayId: string): Promise<boolean> {
  const open = await trx
    .selectFrom('handovers')
    .select('credentialId')
    .where('gatewayId', '=', gatewayId)
    .where('endedAt', 'is', null)
    .executeTakeFirst()
  return open !== undefined
}
