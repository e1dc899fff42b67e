import type { Procedures } from '#features/access/index.ts'
import type { Clock } from '#platform/clock/clock.ts'
import { ticks } from '#platform/events/ticks.ts'
import type { Historian } from '#platform/historian/historian.ts'
import { exportCsv } from './csv-export.ts'
import type { ReadingWatchers } from './live-readings.ts'
import type { TelemetryService } from './telemetry.service.ts'
import { checkRange, readRange } from './time-range.ts'

/** New readings are sent this often, ms. */
const LIVE_INTERVAL = 250

export function createTelemetryRouter(
  { telemetry }: Procedures,
  { service, historian, clock }: { service: TelemetryService; historian: Historian; clock: Clock },
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
    query: telemetry.query.handler(async ({ input, context, signal }) => {
      const channel = await service.channelOf(context.scope, input)
      const range = readRange(input, clock.now())
      const { latest: _, ...view } = service.view(channel)
      const { seriesId } = channel.row
      if (input.buckets !== undefined) {
        const buckets = await historian.buckets({ seriesId, ...range, count: input.buckets }, signal)
        return { channel: view, ...range, readings: null, next: null, buckets }
      }
      const { order, limit, after } = input
      const page = await historian.raw(
        { seriesId, ...range, order, limit, ...(after !== undefined && { after }) },
        signal,
      )
      return { channel: view, ...range, readings: page.readings, next: page.next, buckets: null }
    }),
    chart: telemetry.chart.handler(async ({ input, context, signal }) => {
      checkRange(input.from, input.to)
      const channels = input.channelIds.map((id) => service.channel(context.scope, id))
      const series = await Promise.all(
        channels.map(async ({ row }) => ({
          channelId: row.id,
          buckets: await historian.buckets(
            { seriesId: row.seriesId, from: input.from, to: input.to, count: input.points },
            signal,
          ),
        })),
      )
      return { series }
    }),
    // Streams check what they are asked for before they begin, so that the call itself fails, as any other would.
    watch: telemetry.watch.handler(async ({ input, context, signal }) => {
      const seriesIds = input.channelIds.map((id) => service.channel(context.scope, id).row.seriesId)
      return readingsOf(service.watchers, seriesIds, signal)
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

async function* readingsOf(watchers: ReadingWatchers, seriesIds: number[], signal: AbortSignal | undefined) {
  const { watcher, close } = watchers.watch(seriesIds)
  try {
    yield* ticks(LIVE_INTERVAL, () => watcher.take(), signal)
  } finally {
    close()
  }
}
