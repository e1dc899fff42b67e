import type { Insertable } from 'kysely'
import type { ErrorData } from '#contract/errors.ts'
import { kindOf } from '#contract/model/reading-batch.ts'
import type { CloudDeadLetterTable } from '#platform/db/cloud-schema.ts'
import type { SiteDb } from '#platform/db/site-db.ts'
import { uuid7 } from '#platform/ids/uuid7.ts'
import { breathe } from '../breath.ts'
import type { RefusedReading } from '../telemetry/reading-check.ts'
import { putDeadReadings, trimDeadReadings } from './dead-letters.repository.ts'

/** JSON knows no NaN and no infinity, and JSON.stringify forgets the sign of -0: these are told by name. */
export function contentOf(value: number | string | boolean): string {
  if (typeof value !== 'number') return JSON.stringify({ value })
  if (Object.is(value, -0)) return '{"value":-0}'
  return JSON.stringify(Number.isFinite(value) ? { value } : { notANumber: String(value) })
}

export function valueOf(content: string, flags: number): number | boolean | string {
  const parsed = JSON.parse(content) as { value?: number | boolean | string; notANumber?: string }
  const value = parsed.value ?? Number(parsed.notANumber ?? Number.NaN)
  return kindOf(flags) === 'boolean' ? value === 1 || value === true : value
}

/** Letters of one transaction: some ms, and one fsync. */
const AT_ONCE = 500
/** Counting them all takes longer than that: after so many, or so many characters, and where nothing was counted yet. */
const TRIM_EVERY = { letters: 5_000, characters: 4 * 1024 ** 2 }
/** What came since they were counted. */
const uncounted = new WeakMap<SiteDb, { letters: number; characters: number }>()

/**
 * Keeps what was refused, so that nothing waits behind it: in transactions of its own, before the cursor moves, for there
 * may be ten thousands. Done twice after a power cut, there is still one letter of each.
 *
 * @returns how many older letters went for these
 */
export async function keepRefused(
  db: SiteDb,
  refused: readonly RefusedReading[],
  channelOf: (seriesId: number) => { channelId: string; tenantId: string } | undefined,
  now: number,
): Promise<number> {
  let dropped = 0
  for (let from = 0; from < refused.length; from += AT_ONCE) {
    const letters = refused.slice(from, from + AT_ONCE).map((reading) => letterOf(reading, channelOf, now))
    const isCountDue = isDue(db, letters)
    dropped += await db.transaction().execute(async (trx) => {
      await putDeadReadings(trx, letters)
      return isCountDue ? trimDeadReadings(trx) : 0
    })
    await breathe()
  }
  return dropped
}

function isDue(db: SiteDb, letters: readonly { content: string }[]): boolean {
  const before = uncounted.get(db)
  const now = {
    letters: (before?.letters ?? 0) + letters.length,
    characters: letters.reduce((sum, { content }) => sum + content.length, before?.characters ?? 0),
  }
  const isDue =
    before === undefined || now.letters >= TRIM_EVERY.letters || now.characters >= TRIM_EVERY.characters
  uncounted.set(db, isDue ? { letters: 0, characters: 0 } : now)
  return isDue
}

function letterOf(
  { seriesId, ts, seq, flags, value, refusal }: RefusedReading,
  channelOf: (seriesId: number) => { channelId: string; tenantId: string } | undefined,
  now: number,
): Insertable<CloudDeadLetterTable> {
  const channel = channelOf(seriesId)
  return {
    id: uuid7(now),
    kind: 'reading',
    direction: 'up',
    tenantId: channel?.tenantId ?? null,
    channelId: channel?.channelId ?? null,
    seriesId,
    ts,
    seq,
    flags,
    content: contentOf(value),
    reason: refusal.code,
    reasonData: JSON.stringify(refusal.data satisfies ErrorData),
    firstAt: now,
    lastAt: now,
  }
}
