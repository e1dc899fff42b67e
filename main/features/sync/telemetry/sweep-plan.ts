import type { Historian } from '#platform/historian/historian.ts'
import type { ChannelDirectory } from './channel-directory.ts'
import type { SweepRow } from './progress.repository.ts'
import type { SeriesRange } from './sweep-batch.ts'
import type { OwedTenants } from './telemetry-session.ts'

/** Whether a sweep can go on: its tenant is one of those that the cloud takes. A gap of no tenant waits for one. */
export function canRun({ kind, tenantId }: Pick<SweepRow, 'kind' | 'tenantId'>, taken: OwedTenants): boolean {
  return tenantId === null ? kind === 'resync' && taken.size > 0 : taken.has(tenantId)
}

export interface Plan {
  series: SeriesRange[]
  /** Series with readings of the gap that have no channel yet. */
  strangers: number[]
}

/** The series that a sweep goes through, rising, and the times of each. */
export async function plannedSeries(
  parts: { historian: Pick<Historian, 'changed'>; channels: ChannelDirectory },
  sweep: SweepRow,
  taken: OwedTenants,
  signal: AbortSignal,
): Promise<Plan> {
  const { channels, historian } = parts
  const tenants =
    sweep.tenantId === null ? taken : new Map([...taken].filter(([id]) => id === sweep.tenantId))
  let strangers: number[] = []
  let changed: Set<number> | null = null
  if (sweep.afterSeq > 0) {
    const { afterSeq, upToSeq, kind, series } = sweep
    const found = await historian.changed({ afterSeq, ...(upToSeq !== null && { upToSeq }) }, signal)
    await channels.load(found.filter((id) => channels.get(id) === undefined))
    if (kind === 'gap' && series === null) strangers = found.filter((id) => channels.get(id) === undefined)
    changed = new Set(found)
  }
  let ids = channels.seriesOf(tenants)
  if (sweep.series !== null) {
    const named = new Set(JSON.parse(sweep.series) as number[])
    ids = ids.filter((id) => named.has(id))
  }
  if (changed !== null) ids = ids.filter((id) => changed.has(id))
  const ranges = ids.map((seriesId): SeriesRange => {
    const fromAt = tenants.get(channels.get(seriesId)?.tenantId ?? '')?.fromAt ?? null
    const from = latest(sweep.fromTs, fromAt)
    return { seriesId, ...(from !== null && { from }), ...(sweep.toTs !== null && { to: sweep.toTs }) }
  })
  const series = ranges.filter(({ from, to }) => from === undefined || to === undefined || from < to)
  return { series, strangers }
}

function latest(a: number | null, b: number | null): number | null {
  return a === null || b === null ? (a ?? b) : Math.max(a, b)
}
