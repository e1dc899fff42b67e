import { ExpectedError } from '#contract/errors.ts'
import { type Actor, permissionsOf, scopeOf } from './actor.ts'

/** A stream asks this often whether its caller is still who they were, ms. */
const RECHECK = 1_000

export interface LiveStreamGuard {
  actor: Actor
  resolve(): Promise<Actor>
  /** What the client is told of a failure; the same as for a call. */
  coded(error: unknown): unknown
}

/**
 * A stream outlives the call that opened it, on every transport: it ends within a second of its session, or of a
 * change of the caller's role or tenant, and its failures are worded like those of calls.
 */
export async function* guardStream(
  stream: AsyncIterable<unknown>,
  { actor, resolve, coded }: LiveStreamGuard,
): AsyncGenerator {
  let checkedAt = performance.now()
  try {
    for await (const value of stream) {
      if (performance.now() - checkedAt >= RECHECK) {
        checkedAt = performance.now()
        const now = await resolve()
        if (now.kind === 'user' && now.pending === 'unlock') throw new ExpectedError('session_locked')
        if (!isSameActor(actor, now)) throw new ExpectedError('not_signed_in')
      }
      yield value
    }
  } catch (error) {
    throw coded(error)
  }
}

export function isStream(output: unknown): output is AsyncIterable<unknown> {
  return typeof output === 'object' && output !== null && Symbol.asyncIterator in output
}

/** Whether a caller may do and see what they could before. */
function isSameActor(before: Actor, now: Actor): boolean {
  if (before.kind !== now.kind) return false
  if (before.kind === 'user' && now.kind === 'user' && before.id !== now.id) return false
  return rightsOf(before) === rightsOf(now)
}

function rightsOf(actor: Actor): string {
  const scope = scopeOf(actor)
  const within = scope.all ? null : scope.within
  return JSON.stringify([
    scope.all || scope.tenantId,
    within && [[...within.groupIds].toSorted(), within.ownerUserId],
    permissionsOf(actor),
  ])
}
