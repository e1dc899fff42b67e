import { BlockDamaged } from '../blocks/block-damaged.ts'
import { DAY, HOUR, MINUTE } from '../blocks/rollup-columns.ts'
import { slotsOf } from './checked-block.ts'
import type { MonthDb } from './month-file.ts'
import type { StoredRollup } from './month-writer.ts'

const CAUSE = 'its page in the file was damaged'

/**
 * Notes hours that rollups tell of and no block has, after a file was salvaged: their blocks were on damaged pages. Rollups are all
 * that is left of them.
 */
export function* noteLostBlocks(db: MonthDb, now: number): Generator<void, void> {
  const rollups = db.prepare<[], { id: number }>(`SELECT id FROM rollups WHERE level = ${MINUTE}`).all()
  const one = db.prepare<[number], StoredRollup>('SELECT * FROM rollups WHERE id = ?')
  for (const { id } of rollups) {
    const rollup = one.get(id)
    if (rollup) noteDay(db, rollup, now)
    yield
  }
}

function noteDay(db: MonthDb, rollup: StoredRollup, now: number): void {
  const { series, day } = rollup
  const spans = ['blocks', 'damaged'].flatMap((table) =>
    db
      .prepare<[number, number, number], { startTs: number; endTs: number }>(
        `SELECT startTs, endTs FROM ${table} WHERE series = ? AND startTs >= ? AND startTs < ?`,
      )
      .all(series, day, day + DAY),
  )
  const lost = new Map<number, number>()
  for (const { start, rows } of slotsIn(rollup)) {
    if (spans.some(({ startTs, endTs }) => start >= startTs && start < endTs)) continue
    const hour = Math.floor(start / HOUR) * HOUR
    lost.set(hour, (lost.get(hour) ?? 0) + rows)
  }
  const note = db.prepare(
    'INSERT INTO damaged (series, startTs, endTs, count, cause, foundAt) VALUES (?, ?, ?, ?, ?, ?)',
  )
  for (const [hour, rows] of lost) note.run(series, hour, hour + HOUR, rows, CAUSE, now)
}

function slotsIn(rollup: StoredRollup): { start: number; rows: number }[] {
  try {
    const { count, slot, rows } = slotsOf(rollup)
    return Array.from({ length: count }, (_, at) => ({
      start: rollup.day + (slot[at] as number) * MINUTE,
      rows: rows[at] as number,
    }))
  } catch (error) {
    if (error instanceof BlockDamaged) return []
    throw error
  }
}
