import type { Statement } from 'better-sqlite3'
import { kindOf, qualityOf } from '#contract/model/reading-batch.ts'
import { HOUR } from '../blocks/rollup-columns.ts'
import type { Correction, CorrectionQuery, TimeSpan } from '../historian.ts'
import type { Store } from '../ingest/store-file.ts'
import { readingValue } from '../reading-value.ts'
import { Damage } from './damage.ts'
import { lowerBound, noRows, ordered, type Rows, seqAt, valueAt } from './rows.ts'
import type { Slice } from './slice.ts'
import { hourOf, type Sources } from './sources.ts'
import { Timeline } from './timeline.ts'

const CORRECTIONS = 1_000
/** Rows that one step takes from `readings`. */
const CHUNK = 8_192

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
    const { rows, shelf, blocks, notices } = this.sources
    const versions = rows.hotVersions([seriesId], to).get(seriesId) ?? noRows
    const found = new CorrectionSet()
    const damage = new Damage(notices, seriesId, { from, to })
    const query = { series: seriesId, hot: ordered(versions), range: { from, to }, damage }
    yield* this.pending(new Timeline(this.sources, query), { from, to }, versions, found, slice)
    // Only now: what settled meanwhile is told here, and nothing leaves this place but for a month file.
    for (const correction of this.settled.all(seriesId, from, to, CORRECTIONS)) found.add(correction)
    shelf.refresh()
    for (const month of shelf.between(from, to)) {
      const kept = blocks.attempt(month, from, to, damage, (reader) =>
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

  /** Goes through the fresh hours, as far as the answer can reach. */
  private *pending(
    timeline: Timeline,
    { from, to }: TimeSpan,
    hot: Rows,
    found: CorrectionSet,
    slice: Slice,
  ): Generator<void, void> {
    let pending = 0
    let at = from
    while (at < to && pending < CORRECTIONS) {
      const fresh = timeline.nextFresh(at)
      if (fresh > at) {
        at = fresh
        continue
      }
      const end = Math.min(to, hourOf(at) + HOUR)
      const folded = timeline.folded(at, end)
      const recent = versionsIn(hot, at, end)
      if (folded.count === 0 && recent.size === 0) {
        at = end
        continue
      }
      const rows = this.sources.rows.after(timeline.series, at, end, CHUNK)
      const next = rows.count < CHUNK ? end : (rows.ts[rows.count - 1] as number) + 1
      const times = new Set([...recent.keys()].filter((ts) => ts < next))
      for (let row = 0; folded.count > 0 && row < rows.count; row++) times.add(rows.ts[row] as number)
      // After the rows: a value that one of them has replaced by now is here.
      const settled = times.size === 0 ? [] : this.settled.all(timeline.series, at, next, CORRECTIONS)
      const replaced = Map.groupBy(settled, ({ ts }) => ts)
      for (const ts of times) {
        const row = versionAt(rows, ts)
        const later = [...(replaced.get(ts) ?? []), ...(row ? [row] : []), ...(recent.get(ts) ?? [])]
        for (const correction of replacedIn(ts, versionAt(folded, ts), later)) {
          found.add(correction)
          pending += 1
        }
      }
      at = next
      if (slice.over) {
        yield
        slice.begin()
      }
    }
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
      .filter((one, at, all) => !isAgain(one, all[at - 1]))
      .slice(0, CORRECTIONS)
      .map(({ ts, value, flags, replacedBy }) => ({
        ts,
        value: readingValue(value, flags),
        quality: qualityOf(flags),
        replacedBy,
      }))
  }
}

/**
 * Whether the one before tells of the same replacement. What replaced a value differs from it, so no value is replaced twice in a
 * row; but one that came twice may be told by either sequence, before its fold and after.
 */
function isAgain(one: StoredCorrection, before: StoredCorrection | undefined): boolean {
  return before !== undefined && before.ts === one.ts && !differs(before, one)
}

/** What the versions of one reading say, in whichever order they are. A block has everything up to its version. */
function replacedIn(ts: number, folded: Version | null, later: Version[]): StoredCorrection[] {
  const replaced: StoredCorrection[] = []
  let before = folded
  for (const version of later.sort((a, b) => a.seq - b.seq)) {
    if (before && version.seq <= before.seq) continue
    if (before && differs(before, version)) {
      replaced.push({ ts, value: before.value, flags: before.flags, replacedBy: version.seq })
    }
    before = version
  }
  return replaced
}

function differs(one: Omit<Version, 'seq'>, other: Omit<Version, 'seq'>): boolean {
  return one.value !== other.value || kindOf(one.flags) !== kindOf(other.flags)
}

function versionAt(rows: Rows, ts: number): Version | null {
  const at = lowerBound(rows.ts, rows.count, ts)
  if (at >= rows.count || rows.ts[at] !== ts) return null
  return { value: valueAt(rows, at), flags: rows.flags[at] as number, seq: seqAt(rows, at) }
}

/** All versions of readings in [from, to), by time. */
function versionsIn(rows: Rows, from: number, to: number): Map<number, Version[]> {
  const versions = new Map<number, Version[]>()
  for (let at = 0; at < rows.count; at++) {
    const ts = rows.ts[at] as number
    if (ts < from || ts >= to) continue
    const version = { value: valueAt(rows, at), flags: rows.flags[at] as number, seq: seqAt(rows, at) }
    const others = versions.get(ts)
    if (others) others.push(version)
    else versions.set(ts, [version])
  }
  return versions
}
