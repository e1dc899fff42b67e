import type { RestClient } from '#client/rest-client.ts'
import type { SimulatedChannel } from './meters.ts'

/**
 * Gives the channels of simulated gateways their units, as a person would: canonical telemetry carries none.
 * Channels appear with their first readings, so this asks a few times. Best effort: a fleet without units runs too.
 */
export async function nameUnits(
  client: RestClient,
  fleet: ReadonlyMap<string, readonly SimulatedChannel[]>,
  signal: AbortSignal,
): Promise<void> {
  const missing = new Map(
    [...fleet].map(([gatewayId, channels]) => [
      gatewayId,
      new Map(channels.flatMap(({ key, unit }) => (unit === null ? [] : [[key, unit] as const]))),
    ]),
  )
  for (let attempt = 0; attempt < 5 && missing.size > 0; attempt += 1) {
    await new Promise((resolve) => setTimeout(resolve, 2_000).unref())
    for (const [gateway, units] of missing) {
      if (signal.aborted) return
      const { channels } = await client.telemetry.channels({ gateway })
      for (const channel of channels) {
        const unit = units.get(channel.key)
        if (unit === undefined) continue
        units.delete(channel.key)
        if (channel.unit === null) await client.telemetry.updateChannel({ channelId: channel.id, unit })
      }
      if (units.size === 0) missing.delete(gateway)
    }
  }
}
