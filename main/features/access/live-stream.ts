import { ExpectedError } from '#contract/errors.ts'
import type { Actor } from './actor.ts'

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
        if (!isSameActor(actor, await resolve())) throw new ExpectedError('not_signed_in')
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

function isSameActor(before: Actor, now: Actor): boolean {
  if (before.kind !== 'user' || now.kind !== 'user') return before.kind === now.kind
  return before.id === now.id && before.role === now.role && before.tenantId === now.tenantId
}
