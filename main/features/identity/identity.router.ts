import type { Me } from '#contract/api/auth.ts'
import { type Actor, type Procedures, permissionsOf } from '#features/access/index.ts'
import type { IdentityService } from './identity.service.ts'

export function createIdentityRouter({ auth }: Procedures, identity: IdentityService) {
  return {
    login: auth.login.handler(async ({ input, context }) => {
      const { actor, token, expiresAt } = await identity.login(input, context.request, context.audit)
      context.session.set(token, expiresAt)
      return meOf(actor)
    }),
    logout: auth.logout.handler(async ({ context }) => {
      await identity.logout(context.session.token(), context.audit)
      context.session.clear()
    }),
    me: auth.me.handler(({ context }) => meOf(context.actor)),
  }
}

function meOf(actor: Actor): Me {
  if (actor.kind === 'user') {
    const { id, name, email, role, tenantId } = actor
    return { id, name, email, role, tenantId, permissions: [...permissionsOf(actor)] }
  }
  const name = actor.kind === 'local' ? actor.name : 'anonymous'
  return {
    id: null,
    name,
    email: null,
    role: 'site_admin',
    tenantId: null,
    permissions: [...permissionsOf(actor)],
  }
}
