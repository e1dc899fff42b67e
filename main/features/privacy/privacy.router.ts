import type { TenantDetails } from '#contract/api/tenants.ts'
import { ExpectedError } from '#contract/errors.ts'
import type { Job } from '#contract/model/job.ts'
import type { Actor, PersonActor, Procedures } from '#features/access/index.ts'
import type { TenantDetailsReader, TenantsService } from '#features/tenants/index.ts'
import type { JobRecord } from '#platform/jobs/job-record.ts'
import type { PrivacyExports } from './exports.service.ts'
import type { PersonErasure } from './person-erasure.service.ts'
import type { TenantDeletions } from './tenant-deletion.service.ts'

export interface PrivacyRouterDependencies {
  exports: PrivacyExports
  people: PersonErasure
  deletions: TenantDeletions
  details: TenantDetailsReader
  viewJob(job: JobRecord): Job
}

export function createPrivacyRouter(
  { privacy }: Procedures,
  { exports, people, deletions, details, viewJob }: PrivacyRouterDependencies,
) {
  const view = async (tenant: Awaited<ReturnType<TenantsService['resolve']>>): Promise<TenantDetails> => {
    const [shown] = await details.of([tenant])
    if (shown === undefined) throw new Error('one tenant gives one view')
    return shown
  }
  return {
    exportOwn: privacy.exportOwn.handler(async ({ context }) =>
      viewJob(await exports.ofSelf(personOf(context.actor), context.audit)),
    ),
    exportUser: privacy.exportUser.handler(async ({ input, context }) =>
      viewJob(await exports.ofUser(context.actor, input.userId, context.audit)),
    ),
    exportTenant: privacy.exportTenant.handler(async ({ input, context }) =>
      viewJob(await exports.ofTenant(context, input, context.audit)),
    ),
    eraseOwn: privacy.eraseOwn.handler(async ({ input, context }) => {
      const { address, userAgent } = context.request
      const actor = personOf(context.actor)
      await people.eraseOwn({ actor, from: { address, userAgent }, audit: context.audit }, input)
      context.session.clear()
    }),
    eraseUser: privacy.eraseUser.handler(async ({ input, context }) => {
      await people.eraseUser(context.actor, input, context.audit)
    }),
    requestDeletion: privacy.requestDeletion.handler(async ({ input, context }) =>
      view(await deletions.request(context.scope, input, context.audit)),
    ),
    cancelDeletion: privacy.cancelDeletion.handler(async ({ input, context }) =>
      view(await deletions.cancel(context.scope, input.tenant, context.audit)),
    ),
  }
}

function personOf(actor: Actor): PersonActor {
  if (actor.kind !== 'user') throw new ExpectedError('not_a_person')
  return actor
}
