import { rollupChecksum } from '../blocks/block-checksum.ts'
import { BlockDamaged } from '../blocks/block-damaged.ts'
import type { ReadingColumns } from '../blocks/reading-columns.ts'
import { joinSlots, replaceSlots, rollupOf } from '../blocks/rollup-build.ts'
import { encodeRollup } from '../blocks/rollup-codec.ts'
import {
  DAY,
  HALF_HOUR,
  MINUTE,
  makeRollup,
  type RollupColumns,
  type RollupLevel,
  rollupColumnNames,
} from '../blocks/rollup-columns.ts'
import { readingsOf, slotsOf } from './checked-block.ts'
import type { MonthWriter } from './month-writer.ts'

interface DayOfMinutes {
  series: number
  day: number
  minutes: RollupColumns
}

/**
 * The rollups of the days that one transaction touches. Minutes are made from the readings of their blocks, half hours from
 * the minutes: the same readings give the same rollups, in whatever steps they came.
 */
export class RollupEdits {
  private readonly writer: MonthWriter
  private readonly days = new Map<string, DayOfMinutes>()

  constructor(writer: MonthWriter) {
    this.writer = writer
  }

  /** The slots of [from, to) are those of `columns`. Call it after the block was written. */
  replace(series: number, columns: ReadingColumns, from: number, to: number): void {
    const day = this.dayOf(series, from)
    const fresh = rollupOf(columns, from, to, MINUTE)
    const first = (from - day.day) / MINUTE
    const end = (to - day.day) / MINUTE
    const kept = this.evidence(day, from, to)
    const joined = kept ? joinKept(fresh, kept) : fresh
    day.minutes = replaceSlots(day.minutes, first, end, joined)
  }

  /** All slots of a day are those of its blocks. */
  rebuild(series: number, day: number): void {
    const found = this.dayOf(series, day)
    const kept = this.evidence(found, day, day + DAY)
    const fresh = rebuiltMinutes(this.writer, series, day)
    found.minutes = kept ? joinKept(fresh, kept) : fresh
  }

  /** Writes the days that have changed; true where there are any. */
  write(): boolean {
    let changed = false
    for (const { series, day, minutes } of this.days.values()) {
      for (const level of [MINUTE, HALF_HOUR] as const) {
        const slots = level === MINUTE ? minutes : joinSlots(minutes)
        const data = slots.count === 0 ? null : encodeRollup(slots)
        changed = this.writeLevel(level, series, day, data) || changed
      }
    }
    this.days.clear()
    return changed
  }

  private writeLevel(level: RollupLevel, series: number, day: number, data: Buffer | null): boolean {
    const stored = this.writer.readRollup(level, series, day)
    const crc = data && rollupChecksum({ level, series, day, data })
    if (stored === undefined ? data === null : data?.equals(stored.data) && crc === stored.crc) return false
    this.writer.writeRollup(level, series, day, data, stored?.data.length ?? null)
    return true
  }

  private dayOf(series: number, ts: number): DayOfMinutes {
    const day = Math.floor(ts / DAY) * DAY
    const key = `${series}/${day}`
    let found = this.days.get(key)
    if (!found) {
      found = { series, day, minutes: this.stored(series, day) }
      this.days.set(key, found)
    }
    return found
  }

  private stored(series: number, day: number): RollupColumns {
    const rollup = this.writer.readRollup(MINUTE, series, day)
    try {
      if (rollup) return slotsOf(rollup)
    } catch (error) {
      if (!(error instanceof BlockDamaged)) throw error
    }
    // It is the first hour of the day, or else nothing is lost: blocks have all that rollups have.
    return rebuiltMinutes(this.writer, series, day)
  }

  /** Slots whose block is damaged: all that is known of those readings, so they stay. */
  private evidence({ series, day, minutes }: DayOfMinutes, from: number, to: number): RollupColumns | null {
    const spans = this.writer.damagedSpans(series, from, to)
    if (spans.length === 0) return null
    return pick(minutes, (slot) => {
      const start = day + slot * MINUTE
      return (
        start >= from && start < to && spans.some(({ startTs, endTs }) => start >= startTs && start < endTs)
      )
    })
  }
}

/** A day of minutes from its blocks; those that are damaged are left out. */
function rebuiltMinutes(writer: MonthWriter, series: number, day: number): RollupColumns {
  let minutes = makeRollup(0)
  for (const { id, startTs, endTs, min } of writer.blocksIn(series, day, day + DAY)) {
    // No numbers in it.
    if (min === null) continue
    const block = writer.readBlock(id)
    if (!block) continue
    try {
      const fresh = rollupOf(readingsOf(block), startTs, endTs, MINUTE)
      minutes = replaceSlots(minutes, (startTs - day) / MINUTE, (endTs - day) / MINUTE, fresh)
    } catch (error) {
      if (!(error instanceof BlockDamaged)) throw error
    }
  }
  return minutes
}

/** In a slot of both, `kept` stands: it has seen more than the late readings that make `fresh`. */
function joinKept(fresh: RollupColumns, kept: RollupColumns): RollupColumns {
  const known = new Set(kept.slot.subarray(0, kept.count))
  const added = pick(fresh, (slot) => !known.has(slot))
  const all = makeRollup(kept.count + added.count)
  let fromKept = 0
  let fromAdded = 0
  while (all.count < kept.count + added.count) {
    const takeKept =
      fromAdded === added.count ||
      (fromKept < kept.count && (kept.slot[fromKept] as number) < (added.slot[fromAdded] as number))
    if (takeKept) copySlot(kept, fromKept++, all)
    else copySlot(added, fromAdded++, all)
  }
  return all
}

function pick(slots: RollupColumns, wanted: (slot: number) => boolean): RollupColumns {
  const picked = makeRollup(slots.count)
  for (let at = 0; at < slots.count; at++) if (wanted(slots.slot[at] as number)) copySlot(slots, at, picked)
  return picked
}

function copySlot(from: RollupColumns, at: number, to: RollupColumns): void {
  for (const name of rollupColumnNames) to[name][to.count] = from[name][at] as number
  to.count += 1
}
