import { ExpectedError } from '#contract/errors.ts'
import type { CredentialKind } from '#contract/model/gateway.ts'
import type { TenantScope } from '#features/access/index.ts'
import type { AuditDraft } from '#features/audit/index.ts'
import { type FleetService, gatewaysRepository, insertHistory } from '#features/fleet/index.ts'
import type { Handover, Pki } from '#features/pki/index.ts'
import type { Clock } from '#platform/clock/clock.ts'
import type { EnrollmentService } from './enrollment.service.ts'

export interface CredentialRenewalDependencies {
  clock: Clock
  fleet: FleetService
  pki: Pki
  enrollment: EnrollmentService
}

export interface RenewalRequest {
  gateway: string
  tenant?: string | undefined
  /** Left out: the kind that it has. */
  credential?: CredentialKind | undefined
  key_algorithm?: 'ec' | 'rsa' | undefined
}

/** A new credential for a gateway that is there: a box that was reset, or one that shall come with another kind. */
export class CredentialRenewal {
  readonly #dependencies: CredentialRenewalDependencies

  constructor(dependencies: CredentialRenewalDependencies) {
    this.#dependencies = dependencies
  }

  /**
   * The gateway is claimed again; what it had ends at once, and the hand-over of the new one begins. A suspended one stays so.
   * @throws ExpectedError `not_found`, `gateway_state_conflict`
   */
  async renew(
    scope: TenantScope,
    request: RenewalRequest,
    audit: AuditDraft,
  ): Promise<{ gateway: gatewaysRepository.GatewayRow; handover: Handover }> {
    const { fleet, pki, clock, enrollment } = this.#dependencies
    const before = await fleet.find(scope, request)
    audit.about('gateway', before.id, before.tenantId, { code: before.code })
    if (before.state === 'unclaimed')
      throw new ExpectedError('gateway_state_conflict', {
        code: before.code,
        state: before.state,
        action: 'given a new credential',
      })
    const { gateway, result } = await enrollment.enroll(
      {
        mac: before.mac,
        label: before.label,
        code: before.code,
        name: before.name,
        tenant: before.tenantId,
        // Where it stands: whose rights end at some groups says which.
        group: before.groupId ?? undefined,
        profile: before.profileId ?? undefined,
        dialect: before.ownDialect === 1 ? before.dialect : undefined,
        credential: request.credential ?? before.credential,
        keyAlgorithm: request.key_algorithm,
        replace: true,
        ofSuspended: true,
        reason: 'new credential',
      },
      scope,
      audit,
      async (trx, { gatewayId, tenantId }) => {
        audit.details = {
          ...audit.details,
          credential: request.credential ?? before.credential,
          keyFetched: true,
        }
        if (before.state === 'suspended') {
          await gatewaysRepository.updateGateway(trx, gatewayId, { state: 'suspended' })
          const actor = audit.subject.actor.name
          const entry = {
            gatewayId,
            tenantId,
            kind: 'state',
            value: 'suspended',
            at: clock.now(),
            reason: null,
            actor,
          }
          await insertHistory(trx, [{ ...entry, kind: 'state' }])
        }
        return pki.openHandover(trx, gatewayId, clock.now())
      },
    )
    return { gateway, handover: result }
  }
}
