import type { ValueKind } from '#contract/model/reading.ts'

/** A time series of one gateway, as this side of the ingest port knows it. */
export interface Series {
  handle: number
  assignmentId: string
  channel: string
  /** Of its first reading. */
  kind: ValueKind
  unit: string | null
  /** The port (counted) on which the historian has committed a batch that introduced it; 0 for none. */
  introducedOn: number
  /** The newest batch that holds rows of it. */
  batch: number
  /** The newest site time given to a reading without one, ms. */
  siteTs: number
}

let lastHandle = 0

/** The series of one assignment by channel key. */
export class SeriesBook {
  private readonly byChannel = new Map<string, Series>()
  /** Channels of which there are readings, but none since the broker started. */
  private readonly silent: Set<string>

  /** @param known channels that the assignment already has */
  constructor(known: Iterable<string> = []) {
    this.silent = new Set(known)
  }

  get size(): number {
    return this.byChannel.size + this.silent.size
  }

  has(channel: string): boolean {
    return this.byChannel.has(channel) || this.silent.has(channel)
  }

  find(channel: string): Series | undefined {
    return this.byChannel.get(channel)
  }

  add(assignmentId: string, channel: string, kind: ValueKind, unit: string | null): Series {
    lastHandle += 1
    const handle = lastHandle
    const series = { handle, assignmentId, channel, kind, unit, introducedOn: 0, batch: 0, siteTs: 0 }
    this.silent.delete(channel)
    this.byChannel.set(channel, series)
    return series
  }
}

/** How far site times may run ahead of the clock to stay apart, ms. */
const SITE_TIME_LEAD = 1_000

/**
 * The site's time for a reading that has none. Two readings of a channel in the same ms get different times, or the second
 * would replace the first.
 */
export function nextSiteTime(series: Series, now: number): number {
  const next = series.siteTs + 1
  series.siteTs = next > now && next - now < SITE_TIME_LEAD ? next : now
  return series.siteTs
}
