import { isDataRefusal } from '#platform/postgres/cloud-failure.ts'
import { breathe } from '../breath.ts'
import { inTurn } from './cloud-sql.ts'
import { putDeadObject } from './dead-objects.ts'
import type { FleetRun } from './fleet-run.ts'
import { removeWaiting, type Waiting, waitingOf } from './site-store.ts'

/** An exchange gives them so long, ms; the next one goes on. */
const AT_ONCE = 10_000

/** Tenants that were deleted here: what this site sent of them is deleted there, slice by slice. */
export async function forgetGone(run: FleetRun): Promise<void> {
  const until = performance.now() + AT_ONCE
  for (const waiting of await waitingOf(run.db, 'tenant_gone', { limit: 1_000, taken: [] })) {
    try {
      if (!(await forget(run, waiting, until))) return
      run.done.sent++
    } catch (error) {
      if (!isAnswer(error)) throw error
      if (!isDataRefusal(error)) {
        // Too slow, or held by somebody: all else goes on, and the next exchange tries again.
        run.log.warn({ tenant: waiting.id, err: error }, 'a deleted tenant could not be taken back yet')
        continue
      }
      const dead = { direction: 'up', tenantId: null, entity: 'tenant_gone', entityId: waiting.id } as const
      await run.db
        .transaction()
        .execute((trx) => putDeadObject(trx, { ...dead, content: {}, error }, run.clock.now()))
      run.done.refused++
    }
    await removeWaiting(run.db, [waiting])
  }
}

/** @returns whether nothing of it is left */
async function forget(run: FleetRun, { id }: Waiting, until: number): Promise<boolean> {
  for (;;) {
    run.signal.throwIfAborted()
    const { rows } = await inTurn(run.link, (sql) =>
      sql.query<{ result: { done?: unknown } | null }>(
        'SELECT millwright.forget_tenant($1::uuid) AS result',
        [id],
      ),
    )
    if (rows[0]?.result?.done !== false) return true
    if (performance.now() > until) return false
    await breathe()
  }
}

/** Postgres said no to the statement; the session goes on. */
function isAnswer(error: unknown): boolean {
  const { code, severity } = error as { code?: unknown; severity?: unknown }
  return severity === 'ERROR' && typeof code === 'string' && !/^(08|57P|25P)/.test(code)
}
