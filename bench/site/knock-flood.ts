import { BoxDoor } from '#simulator/box-door.ts'
import { say } from '../figure.ts'
import type { BenchSite } from './bench-site.ts'
import { peakMemory } from './peak-memory.ts'

const BOOTSTRAP = '/api/v1/gateways/bootstrap'
/** Each in a network of its own, as far as a site can tell. */
const ADDRESSES = 64
const TOLD_EVERY = 100_000

export interface Flood {
  /** Answers a second. */
  rate: number
  taken: number
  refused: number
  failed: number
  /** Boxes that wait afterwards. */
  rows: number
  memory: { before: number; most: number }
}

/** So many MACs, each of which knocks once; a box that waited before must be there after it. */
export async function knockFlood(site: BenchSite, count: number): Promise<Flood> {
  const door = { origin: site.deviceOrigin, ca: await site.deviceCa() }
  const honest = await honestBox(new BoxDoor(door))
  const answers = { taken: 0, refused: 0, failed: 0 }
  let seconds = 0
  const memory = await peakMemory(site, async () => {
    const startedAt = performance.now()
    let next = 0
    await Promise.all(
      Array.from({ length: ADDRESSES }, async (_, address) => {
        const one = new BoxDoor({ ...door, localAddress: `127.9.0.${address + 1}`, sockets: 1 })
        for (let at = next++; at < count; at = next++) {
          const body = { mac_address: macOf(at), chip: 'flood', firmware: '0' }
          const answer = await one.ask('POST', BOOTSTRAP, { body }).catch(() => null)
          answers[answer === null ? 'failed' : answer.status === 202 ? 'taken' : 'refused'] += 1
          if ((at + 1) % TOLD_EVERY === 0) say(`  ${at + 1} of ${count} knocked`)
        }
        one.close()
      }),
    )
    seconds = (performance.now() - startedAt) / 1_000
  })
  await honest.stillWaits()
  const { waiting: rows } = await site.client.claims.list({ limit: 1 })
  const { taken, refused } = answers
  return { rate: (taken + refused) / seconds, ...answers, rows, memory }
}

/** It knocked, and polls as it should. */
async function honestBox(door: BoxDoor) {
  const { body } = await door.ask('POST', BOOTSTRAP, { body: { mac_address: '02:ff:ff:00:00:01' } })
  const secret = String(body['poll_secret'])
  const stillWaits = async (): Promise<void> => {
    const { status } = await door.ask('POST', BOOTSTRAP, { secret })
    if (status !== 202) throw new Error(`a box that waited before the flood was answered ${status} after it`)
  }
  await stillWaits()
  return { stillWaits }
}

function macOf(number: number): string {
  const bytes = [2, 0, 0, (number >> 16) & 0xff, (number >> 8) & 0xff, number & 0xff]
  return bytes.map((byte) => byte.toString(16).padStart(2, '0')).join(':')
}
