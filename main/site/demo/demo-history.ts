import type { Engine } from '#engine/engine.ts'
import { simulateHistory } from '#simulator/history.ts'
import type { SimulatedChannel } from '#simulator/meters.ts'

const DAY = 86_400_000
const HOUR = 3_600_000
/** A reading a minute is plenty for a day's chart; the last hour is as dense as what follows it live needs. */
const STEP = 60_000
const DENSE_STEP = 5_000
const DENSE = HOUR / 4

/** Writes a day of readings of one gateway through the store, as if it had sent them. */
export async function writeHistory(
  engine: Pick<Engine, 'importReadings'>,
  gatewayId: string,
  channels: readonly SimulatedChannel[],
  until: number,
): Promise<void> {
  const readings = [
    ...simulateHistory(channels, until - DAY, until - DENSE, STEP),
    ...simulateHistory(channels, until - DENSE, until, DENSE_STEP),
  ]
  await engine.importReadings(
    gatewayId,
    readings.map(({ channel: { key, kind, unit }, ts, value }) => ({
      channel: key,
      kind,
      unit,
      ts,
      value,
      quality: 0,
    })),
  )
}
