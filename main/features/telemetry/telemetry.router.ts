import type { Procedures } from '#features/access/index.ts'
import { ticks } from '#platform/events/ticks.ts'
import type { Historian } from '#platform/historian/historian.ts'
import type { CalculatedChannels, CalculatedWatch } from './calculated-channels.ts'
import { exportCsv } from './export/csv-export.ts'
import type { ReadingWatchers } from './live-readings.ts'
import type { TelemetryQueries } from './queries/telemetry-queries.ts'
import type { TelemetryService } from './telemetry.service.ts'
import { checkRange } from './time-range.ts'

/** New readings are sent this often, ms. */
const LIVE_INTERVAL = 250

export interface TelemetryRouterDependencies {
  service: TelemetryService
  queries: TelemetryQueries
  calculations: CalculatedChannels
  historian: Historian
}

export function createTelemetryRouter(
  { telemetry }: Procedures,
  { service, queries, calculations, historian }: TelemetryRouterDependencies,
) {
  return {
    channels: telemetry.channels.handler(async ({ input, context }) => {
      const channels = await service.channels(context.scope, input)
      return { channels: channels.map((channel) => service.view(channel)) }
    }),
    updateChannel: telemetry.updateChannel.handler(async ({ input: { channelId, ...changes }, context }) =>
      service.view(await service.update(context.scope, channelId, changes, context.audit)),
    ),
    latest: telemetry.latest.handler(async ({ input: { gateway, tenant, channel }, context }) => {
      const channels =
        gateway !== undefined && channel !== undefined
          ? [await service.channelOf(context.scope, { gateway, tenant, channel })]
          : await service.channels(context.scope, { gateway, tenant })
      return {
        channels: channels.map(service.view, service).map(({ id, gatewayCode, key, name, unit, latest }) => ({
          channelId: id,
          gateway: gatewayCode,
          channel: key,
          name,
          unit,
          latest,
        })),
      }
    }),
    query: telemetry.query.handler(({ input, context, signal }) =>
      queries.query(context.scope, input, signal),
    ),
    chart: telemetry.chart.handler(({ input, context, signal }) =>
      queries.chart(context.scope, input, signal),
    ),
    states: telemetry.states.handler(({ input, context, signal }) =>
      queries.states(context.scope, input, signal),
    ),
    increases: telemetry.increases.handler(({ input, context, signal }) =>
      queries.increases(context.scope, input, signal),
    ),
    neighbours: telemetry.neighbours.handler(({ input, context, signal }) =>
      queries.neighbours(context.scope, input, signal),
    ),
    gaps: telemetry.gaps.handler(({ input, context, signal }) => queries.gaps(context.scope, input, signal)),
    corrections: telemetry.corrections.handler(({ input, context, signal }) =>
      queries.corrections(context.scope, input, signal),
    ),
    // Streams check what they are asked for before they begin, so that the call itself fails, as any other would.
    watch: telemetry.watch.handler(async ({ input, context, signal }) => {
      const ids = [...new Set(input.channelIds)]
      const calculationIds = ids.filter((id) => calculations.byId(context.scope, id) !== undefined)
      const seriesIds = ids
        .filter((id) => !calculationIds.includes(id))
        .map((id) => service.channel(context.scope, id).row.seriesId)
      const calculated = calculationIds.length === 0 ? null : await calculations.watch(calculationIds)
      // A gateway may be put where the caller does not reach while the stream goes on.
      const isSeen = (id: string) =>
        service.sees(context.scope, id) || calculations.byId(context.scope, id) !== undefined
      return readingsOf(service.watchers, { seriesIds, calculated, isSeen }, signal)
    }),
    exportCsv: telemetry.exportCsv.handler(async ({ input, context, signal }) => {
      const { channelIds, from, to, raw } = input
      context.audit.details = { channels: channelIds.length, from, to, raw }
      checkRange(from, to)
      const channels = channelIds.map((id) => service.channel(context.scope, id))
      const named = channels.map((channel) => ({ channel, gatewayCode: service.view(channel).gatewayCode }))
      const gateways = [...new Set(named.map(({ gatewayCode }) => gatewayCode))].join(' ').slice(0, 500)
      const tenants = new Set(channels.map(({ row }) => row.tenantId))
      const [tenantId = null] = tenants.size === 1 ? tenants : []
      context.audit.about('telemetry', gateways, tenantId, context.audit.details)
      return exportCsv(historian, named, input, signal)
    }),
  }
}

async function* readingsOf(
  watchers: ReadingWatchers,
  {
    seriesIds,
    calculated,
    isSeen,
  }: { seriesIds: number[]; calculated: CalculatedWatch | null; isSeen(channelId: string): boolean },
  signal: AbortSignal | undefined,
) {
  const { watcher, close } = watchers.watch(seriesIds)
  const take = () => {
    const taken = [...(watcher.take()?.channels ?? []), ...(calculated?.take() ?? [])]
    const channels = taken.filter(({ channelId }) => isSeen(channelId))
    return channels.length === 0 ? null : { channels }
  }
  try {
    yield* ticks(LIVE_INTERVAL, take, signal)
  } finally {
    close()
    calculated?.close()
  }
}
