import { ExpectedError } from '#contract/errors.ts'
import type { Actor, PersonActor, Procedures, RequestContext } from '#features/access/index.ts'
import type { AuditDraft } from '#features/audit/index.ts'
import type { AccountService, Asking } from './account.service.ts'
import type { AccountFactorService } from './account-factor.service.ts'

export function createAccountRouter(
  { account: procedures }: Procedures,
  { account, factor }: { account: AccountService; factor: AccountFactorService },
) {
  return {
    show: procedures.show.handler(({ context }) => account.show(personOf(context.actor).id)),
    update: procedures.update.handler(({ input, context }) => account.update(asking(context), input)),
    changePassword: procedures.changePassword.handler(({ input, context }) =>
      account.changePassword(asking(context), input),
    ),
    sessions: procedures.sessions.handler(async ({ context }) => ({
      sessions: await account.sessions(personOf(context.actor)),
    })),
    endSession: procedures.endSession.handler(async ({ input, context }) => {
      await account.endSession(asking(context), input.id)
      if (input.id === personOf(context.actor).sessionId) context.session.clear()
    }),
    signOutEverywhere: procedures.signOutEverywhere.handler(async ({ input, context }) => {
      const ended = await account.signOutEverywhere(asking(context), input.thisToo)
      if (input.thisToo) context.session.clear()
      return { ended }
    }),
    beginSecondFactor: procedures.beginSecondFactor.handler(({ input, context }) =>
      factor.begin(asking(context), input.password),
    ),
    confirmSecondFactor: procedures.confirmSecondFactor.handler(async ({ input, context }) => ({
      recoveryCodes: await factor.confirm(asking(context), input.code),
    })),
    newRecoveryCodes: procedures.newRecoveryCodes.handler(async ({ input, context }) => ({
      recoveryCodes: await factor.renewRecoveryCodes(asking(context), input),
    })),
    removeSecondFactor: procedures.removeSecondFactor.handler(({ input, context }) =>
      factor.remove(asking(context), input),
    ),
    active: procedures.active.handler(({ context }) => account.active(personOf(context.actor))),
    lock: procedures.lock.handler(({ context }) => account.lock(asking(context))),
  }
}

interface Call {
  actor: Actor
  request: RequestContext['request']
  audit: AuditDraft
}

function asking({ actor, request, audit }: Call): Asking {
  return { actor: personOf(actor), from: request, audit }
}

/** The contract lets only people in. */
function personOf(actor: Actor): PersonActor {
  if (actor.kind !== 'user') throw new ExpectedError('not_a_person')
  return actor
}
