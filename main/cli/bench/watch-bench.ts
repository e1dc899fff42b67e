import { setTimeout as sleep } from 'node:timers/promises'
import { ORPCError } from '@orpc/client'
import type { RestClient } from '#client/rest-client.ts'
import { isErrorCode } from '#contract/errors.ts'
import { siteError } from '../site/site-error.ts'
import type { BenchEvent } from './bench-types.ts'

/** A site that restarts is there again within so long, ms. */
const AWAY_FOR = 30_000
const ASK_EVERY = 500

/**
 * What happens on the bench, from now until `signal`: first all there is. A connection that breaks off is opened again, and
 * begins with all there is.
 *
 * @throws ExpectedError what the site refuses with, and `site_not_running` or `site_unreachable` where it stays away
 */
export async function* watchBench(client: RestClient, signal: AbortSignal): AsyncGenerator<BenchEvent> {
  let lostAt: number | null = null
  while (!signal.aborted) {
    try {
      const events = await client.bench.watch(undefined, { signal })
      for await (const event of events) {
        lostAt = null
        yield event
      }
    } catch (thrown) {
      if (signal.aborted) return
      const error = siteError(thrown)
      if (error instanceof ORPCError || isRefusal(error)) throw error
      lostAt ??= performance.now()
      if (performance.now() - lostAt > AWAY_FOR) throw error
    }
    await sleep(ASK_EVERY, undefined, { signal }).catch(() => {})
  }
}

/** Follows the bench while `run` goes on: from before it begins, so that it misses nothing, to its end, however it ends. */
export async function watching<T>(
  client: RestClient,
  run: (events: AsyncGenerator<BenchEvent>) => Promise<T>,
): Promise<T> {
  const done = new AbortController()
  const events = watchBench(client, done.signal)
  try {
    await events.next()
    return await run(events)
  } finally {
    // An open stream would keep the program.
    done.abort()
    await events.return(undefined)
  }
}

/** The site answered, and will say the same again. */
function isRefusal(error: unknown): boolean {
  const { code } = (error ?? {}) as { code?: unknown }
  const isAway = code === 'site_not_running' || code === 'site_unreachable'
  return typeof code === 'string' && isErrorCode(code) && !isAway
}
