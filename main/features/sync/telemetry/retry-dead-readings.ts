import { kindOf } from '#contract/model/reading-batch.ts'
import {
  type DeadLetterRow,
  deadReadingsToRetry,
  deleteDeadLetters,
} from '../dead-letters/dead-letters.repository.ts'
import { keepRefused, valueOf } from '../dead-letters/reading-letter.ts'
import { addSent } from './progress.repository.ts'
import type { ReadingSender } from './reading-sender.ts'
import type { SeriesReadings } from './series-readings.ts'
import type { SyncParts } from './sync-parts.ts'
import type { OwedTenants } from './telemetry-session.ts'

const AT_ONCE = 500

/**
 * Sends some of the dead letters that a person wants tried again; those of tenants that the cloud does not take just now wait.
 * @returns false: there are none
 */
export async function retryDeadReadings(
  parts: SyncParts,
  sender: ReadingSender,
  taken: OwedTenants,
): Promise<boolean> {
  const { db, clock, channels } = parts
  const letters = await deadReadingsToRetry(db, [...taken.keys()], AT_ONCE)
  if (letters.length === 0) return false
  await channels.load([...new Set(letters.map(({ seriesId }) => seriesId ?? 0))])
  const { refused, perTenant } = await sender.send(bySeries(letters), false, false)
  const still = new Set(refused.map(({ seriesId, ts }) => `${seriesId} ${ts}`))
  const through = letters.filter(({ seriesId, ts }) => !still.has(`${seriesId} ${ts}`))
  const now = clock.now()
  await keepRefused(db, refused, (id) => channels.get(id), now)
  await db.transaction().execute(async (trx) => {
    await deleteDeadLetters(
      trx,
      through.map(({ id }) => id),
    )
    await addSent(trx, perTenant, now)
  })
  return true
}

function bySeries(letters: readonly DeadLetterRow[]): SeriesReadings[] {
  const groups = Map.groupBy(letters, ({ seriesId }) => seriesId ?? 0)
  return [...groups].map(([seriesId, all]) => {
    const rows = all.toSorted((a, b) => (a.ts ?? 0) - (b.ts ?? 0))
    const texts: string[] = []
    const values = rows.map(({ content, flags }) => {
      const value = valueOf(content, flags ?? 0)
      return kindOf(flags ?? 0) === 'text' ? texts.push(String(value)) - 1 : Number(value)
    })
    return {
      seriesId,
      count: rows.length,
      ts: Float64Array.from(rows, ({ ts }) => ts ?? 0),
      values: Float64Array.from(values),
      flags: Uint16Array.from(rows, ({ flags }) => flags ?? 0),
      seqs: Float64Array.from(rows, ({ seq }) => seq ?? 0),
      texts,
    }
  })
}
