import type { Statement } from 'better-sqlite3'
import { kindOf, qualityOf } from '#contract/model/reading-batch.ts'
import { HOUR } from '../blocks/rollup-columns.ts'
import type { Correction, CorrectionQuery } from '../historian.ts'
import type { Store } from '../ingest/store-file.ts'
import { readingValue } from '../reading-value.ts'
import { Damage } from './damage.ts'
import { lowerBound, noRows, ordered, type Rows, seqAt, valueAt } from './rows.ts'
import type { Slice } from './slice.ts'
import { hourOf, type Sources } from './sources.ts'
import { Timeline } from './timeline.ts'

const CORRECTIONS = 1_000

/** A version of one reading. */
interface Version {
  value: number | string
  flags: number
  seq: number
}

interface StoredCorrection {
  ts: number
  value: number | string
  flags: number
  replacedBy: number
}

type SettledCorrection = StoredCorrection & { seq: number }

/**
 * Values that another one replaced. Settling and folding write them down; what has not got there yet is seen from
 * the versions that lie in `hot`, `readings` and blocks side by side.
 */
export class CorrectionReader {
  private readonly sources: Sources
  private readonly settled: Statement<[number, number, number, number], SettledCorrection>

  constructor(store: Store, sources: Sources) {
    this.sources = sources
    this.settled = store.prepare(
      `SELECT ts, value, flags, seq, replacedBy FROM corrections
       WHERE series = ? AND ts >= ? AND ts < ? ORDER BY ts, seq LIMIT ?`,
    )
  }

  *corrections({ seriesId, from, to }: CorrectionQuery, slice: Slice): Generator<void, Correction[]> {
    const { rows, shelf } = this.sources
    const versions = rows.hotVersions([seriesId], to).get(seriesId) ?? noRows
    const settled = this.settled.all(seriesId, from, to, CORRECTIONS)
    const found = new CorrectionSet()
    for (const correction of settled) found.add(correction)
    const damage = new Damage(this.sources.notices, seriesId, { from, to })
    const hot = ordered(versions)
    const timeline = new Timeline(this.sources, { series: seriesId, hot, range: { from, to }, damage })
    let at = from
    while (at < to) {
      const fresh = timeline.nextFresh(at)
      if (fresh > at) {
        at = fresh
      } else {
        const end = Math.min(to, hourOf(at) + HOUR)
        const hour = rows.after(seriesId, at, end, HOUR)
        shelf.refresh()
        addPending(found, hour, clipAll(versions, at, end), timeline.folded(at, end), settled)
        at = end
      }
      if (slice.over) {
        yield
        slice.begin()
      }
    }
    shelf.refresh()
    for (const month of shelf.between(from, to)) {
      const kept = this.sources.blocks.attempt(month, from, to, damage, (reader) =>
        reader.corrections(seriesId, from, to, CORRECTIONS),
      )
      for (const correction of kept ?? []) found.add(correction)
      if (slice.over) {
        yield
        slice.begin()
      }
    }
    return found.list()
  }
}

/** Each once, whichever of its places it was met in. */
class CorrectionSet {
  private readonly found = new Map<string, StoredCorrection>()

  add(correction: StoredCorrection): void {
    this.found.set(`${correction.ts} ${correction.replacedBy}`, correction)
  }

  list(): Correction[] {
    return [...this.found.values()]
      .sort((a, b) => a.ts - b.ts || a.replacedBy - b.replacedBy)
      .slice(0, CORRECTIONS)
      .map(({ ts, value, flags, replacedBy }) => ({
        ts,
        value: readingValue(value, flags),
        quality: qualityOf(flags),
        replacedBy,
      }))
  }
}

/** Adds what the versions of each reading of a fresh hour say, side by side. */
function addPending(
  found: CorrectionSet,
  rows: Rows,
  hot: Map<number, Version[]>,
  folded: Rows,
  settled: SettledCorrection[],
): void {
  const times = new Set(hot.keys())
  for (let at = 0; folded.count > 0 && at < rows.count; at++) times.add(rows.ts[at] as number)
  for (const ts of times) {
    const base = versionAt(folded, ts)
    const row = versionAt(rows, ts)
    const replaced = settled.filter((correction) => correction.ts === ts)
    const versions = [...replaced, ...(row ? [row] : []), ...(hot.get(ts) ?? [])]
      // A block has everything up to its version.
      .filter(({ seq }) => base === null || seq > base.seq)
      .sort((a, b) => a.seq - b.seq)
    let before = base
    for (const version of versions) {
      if (before && before.seq < version.seq && differs(before, version)) {
        found.add({ ts, value: before.value, flags: before.flags, replacedBy: version.seq })
      }
      before = version
    }
  }
}

function differs(one: Version, other: Version): boolean {
  return one.value !== other.value || kindOf(one.flags) !== kindOf(other.flags)
}

function versionAt(rows: Rows, ts: number): Version | null {
  const at = lowerBound(rows.ts, rows.count, ts)
  if (at >= rows.count || rows.ts[at] !== ts) return null
  return { value: valueAt(rows, at), flags: rows.flags[at] as number, seq: seqAt(rows, at) }
}

/** All versions of [from, to), by time. */
function clipAll(rows: Rows, from: number, to: number): Map<number, Version[]> {
  const versions = new Map<number, Version[]>()
  for (let at = 0; at < rows.count; at++) {
    const ts = rows.ts[at] as number
    if (ts < from || ts >= to) continue
    const version = { value: valueAt(rows, at), flags: rows.flags[at] as number, seq: seqAt(rows, at) }
    versions.set(ts, [...(versions.get(ts) ?? []), version])
  }
  return versions
}
