import { type Procedures, requireAccess } from '#features/access/index.ts'
import type { TenantsService } from '#features/tenants/index.ts'
import type { IdentityService } from '../identity.service.ts'
import { meOf } from '../me.ts'
import { type IssuedTokens, lifetimes, type TokensService } from './tokens.service.ts'

export interface TokensRouterDependencies {
  tokens: TokensService
  identity: IdentityService
  tenants: TenantsService
}

export function createTokensRouter(
  { auth }: Procedures,
  { tokens, identity, tenants }: TokensRouterDependencies,
) {
  const answer = async ({ actor, accessToken, refreshToken }: IssuedTokens) => ({
    access_token: accessToken,
    token_type: 'Bearer' as const,
    expires_in: lifetimes.access,
    refresh_token: refreshToken,
    refresh_expires_in: lifetimes.refresh,
    user: meOf(actor, await identity.tenantsOf(actor, tenants)),
  })
  return {
    openTokens: auth.openTokens.handler(async ({ input, context }) =>
      answer(await tokens.open(input, context.request, context.audit)),
    ),
    refresh: auth.refresh.handler(async ({ input, context }) => {
      const issued = await tokens.refresh(input.refresh_token, context.audit)
      // The session goes on as it was: an entry an hour for each program would say nothing.
      context.audit.nothingChanged()
      return answer(issued)
    }),
    closeTokens: auth.closeTokens.handler(async ({ input, context }) => {
      const { actor, session, audit } = context
      const given = input?.refresh_token
      const ofCaller = async () =>
        actor.kind === 'user' ? actor.sessionId : identity.sessions.idOf(session.token())
      const sessionId = given === undefined ? await ofCaller() : await tokens.sessionOf(given)
      await identity.sessions.end(sessionId, audit)
      session.clear()
    }),
    verify: auth.verify.handler(({ input, context }) => {
      const { actor } = context
      if (input.permission !== undefined) requireAccess(input.permission, actor, true)
      const { kind, id, name, tenantId } = meOf(actor, [])
      return { active: true as const, kind, id, name, tenantId }
    }),
  }
}
