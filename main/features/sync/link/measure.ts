import { randomBytes } from 'node:crypto'
import type { CloudConnection } from '#platform/postgres/cloud-connection.ts'

/** Sent to see how fast the line is; nothing is written there. */
const PROBE = 128 * 1024
const ROUNDS = 3

/** How long the way there and back takes, ms, and how many bytes a second the line takes, about. */
export async function measure({
  client,
}: CloudConnection): Promise<{ roundTrip: number; bytesPerSecond: number }> {
  let roundTrip = Number.POSITIVE_INFINITY
  for (let round = 0; round < ROUNDS; round += 1)
    roundTrip = Math.min(roundTrip, await timed(() => client.query('SELECT 1')))
  const probe = randomBytes(PROBE / 2).toString('hex')
  const took = await timed(() => client.query('SELECT length($1::text)', [probe]))
  const bytesPerSecond = PROBE / (Math.max(took - roundTrip, 1) / 1000)
  return { roundTrip: Math.round(roundTrip * 10) / 10, bytesPerSecond }
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now()
  await work()
  return performance.now() - began
}
