import { ExpectedError } from '#contract/errors.ts'
import type { Actor, Procedures } from '#features/access/index.ts'
import type { TenantsService } from '#features/tenants/index.ts'
import type { IdentityService } from './identity.service.ts'
import { meOf } from './me.ts'

export function createIdentityRouter(
  { auth }: Procedures,
  identity: IdentityService,
  tenants: TenantsService,
) {
  const whoIs = async (actor: Actor) => meOf(actor, await identity.tenantsOf(actor, tenants))
  return {
    login: auth.login.handler(async ({ input, context }) => {
      const { actor, token, expiresAt } = await identity.login(input, context.request, context.audit)
      context.session.set(token, expiresAt)
      return whoIs(actor)
    }),
    logout: auth.logout.handler(async ({ context }) => {
      const { actor, session, audit } = context
      // A session that has no rights any more can still be ended.
      const sessionId =
        actor.kind === 'user' ? actor.sessionId : await identity.sessions.idOf(session.token())
      await identity.sessions.end(sessionId, audit)
      context.session.clear()
    }),
    switchTenant: auth.switchTenant.handler(async ({ input, context }) => {
      const { actor, session, audit } = context
      if (actor.kind !== 'user') throw new ExpectedError('not_a_person')
      const choices = await identity.tenantsOf(actor, tenants)
      const chosen = choices.find(({ id, slug }) => id === input.tenant || slug === input.tenant)
      const isAll = input.tenant === null && actor.siteAdmin
      if (!chosen && !isAll) throw new ExpectedError('tenant_unknown', { tenant: input.tenant ?? '' })
      const tenantId = chosen?.id ?? null
      audit.about('session', actor.sessionId, tenantId, { before: actor.tenantId, after: tenantId })
      if (tenantId === actor.tenantId) audit.nothingChanged()
      else await identity.sessions.actIn(actor.sessionId, tenantId, audit)
      return whoIs(await session.resolve())
    }),
    me: auth.me.handler(({ context }) => whoIs(context.actor)),
  }
}
