import { ExpectedError } from '#contract/errors.ts'
import type { Procedures } from '#features/access/index.ts'
import type { InvitationsService } from './invitations.service.ts'
import type { MembershipsService } from './memberships.service.ts'
import type { UsersService } from './users.service.ts'

export interface UsersRouterDependencies {
  service: UsersService
  memberships: MembershipsService
  invitations: InvitationsService
}

export function createUsersRouter(
  { users }: Procedures,
  { service, memberships, invitations }: UsersRouterDependencies,
) {
  return {
    list: users.list.handler(({ input, context }) => service.list(context.actor, input)),
    show: users.show.handler(({ input, context }) => service.show(context.actor, input.userId)),
    invite: users.invite.handler(async ({ input, context: { actor, audit } }) => {
      const { userId, entry } = await memberships.invite(actor, input, audit)
      return { user: await service.show(actor, userId), entry: invitations.shown(entry) }
    }),
    update: users.update.handler(({ input: { userId, ...changes }, context: { actor, audit } }) =>
      service.update(actor, userId, changes, audit),
    ),
    setMembership: users.setMembership.handler(
      async ({ input: { userId, ...membership }, context: { actor, audit } }) => {
        await memberships.set(actor, userId, membership, audit)
        return service.show(actor, userId)
      },
    ),
    removeMembership: users.removeMembership.handler(({ input, context: { actor, audit } }) =>
      memberships.remove(actor, input.userId, input.tenant, audit),
    ),
    suspend: users.suspend.handler(({ input, context: { actor, audit } }) =>
      service.suspend(actor, input.userId, input.reason, audit),
    ),
    resume: users.resume.handler(({ input, context: { actor, audit } }) =>
      service.resume(actor, input.userId, audit),
    ),
    unlock: users.unlock.handler(({ input, context: { actor, audit } }) =>
      service.unlock(actor, input.userId, audit),
    ),
    reset: users.reset.handler(async ({ input, context: { actor, audit } }) => {
      const { user, entry } = await service.reset(actor, input.userId, input.how, audit)
      return { user, entry: invitations.shown(entry) }
    }),
    removeSecondFactor: users.removeSecondFactor.handler(({ input, context: { actor, audit } }) =>
      service.removeSecondFactor(actor, input.userId, audit),
    ),
    delete: users.delete.handler(({ input, context: { actor, audit } }) =>
      service.delete(actor, input.userId, audit),
    ),
    invitation: users.invitation.handler(({ input, context }) =>
      invitations.show(input.token, context.request),
    ),
    accept: users.accept.handler(async ({ input, context }) => ({
      email: await invitations.accept(input, context.request, context.audit),
    })),
    join: users.join.handler(({ input, context: { actor, request, audit } }) => {
      if (actor.kind !== 'user') throw new ExpectedError('not_a_person')
      return invitations.join(input.token, actor, request, audit)
    }),
  }
}
