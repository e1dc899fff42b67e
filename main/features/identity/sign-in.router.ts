import { ExpectedError } from '#contract/errors.ts'
import type { Actor, Procedures } from '#features/access/index.ts'
import type { AuditService } from '#features/audit/index.ts'
import type { TenantsService } from '#features/tenants/index.ts'
import type { Clock } from '#platform/clock/clock.ts'
import type { SiteDb } from '#platform/db/site-db.ts'
import type { IdentityService } from './identity.service.ts'
import { meOf } from './me.ts'
import type { RegistrationService } from './registration.service.ts'
import { unlockSession } from './session-lock.ts'
import type { SignInSettingsService } from './sign-in-settings.ts'

export interface SignInRouterDependencies {
  db: SiteDb
  clock: Clock
  audit: AuditService
  identity: IdentityService
  tenants: TenantsService
  settings: SignInSettingsService
  registration: RegistrationService
  siteName(): string
}

/** Of `auth`: what the sign-in screens ask, and how an administrator sets it. */
export function createSignInRouter({ auth }: Procedures, dependencies: SignInRouterDependencies) {
  const { db, clock, audit: log, identity, tenants, settings, registration, siteName } = dependencies
  const whoIs = async (actor: Actor) => meOf(actor, await identity.tenantsOf(actor, tenants))
  return {
    options: auth.options.handler(() => {
      const { registration: asked, passwordClasses, idleLockMinutes } = settings.current
      return { siteName: siteName(), registration: asked.isOpen, passwordClasses, idleLockMinutes }
    }),
    unlock: auth.unlock.handler(async ({ input, context }) => {
      const { actor, audit, request, session } = context
      if (actor.kind !== 'user') throw new ExpectedError('not_signed_in')
      audit.about('session', actor.sessionId, actor.tenantId)
      await identity.credentials.confirmBoth(actor.id, input, request)
      await db.transaction().execute(async (trx) => {
        await unlockSession(trx, actor.sessionId, clock.now())
        await log.recordIn(trx, audit)
      })
      return whoIs(await session.resolve())
    }),
    register: auth.register.handler(async ({ input, context }) => {
      const made = await registration.register(input, context.request, context.audit)
      return { ok: true as const, message: 'Registration successful', ...made }
    }),
    settings: auth.settings.handler(() => settings.current),
    updateSettings: auth.updateSettings.handler(({ input, context }) =>
      settings.update(input, context.audit),
    ),
  }
}
