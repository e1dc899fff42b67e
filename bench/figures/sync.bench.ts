import { median, printFigure, say } from '../figure.ts'
import { HOUR, SECOND } from '../store/shapes.ts'
import { LiveReadings } from '../sync/live-readings.ts'
import { SyncBench } from '../sync/sync-bench.ts'

const READINGS = Number(process.env.MILLWRIGHT_BENCH_READINGS ?? 3_000_000)
const ROUNDS = Number(process.env.MILLWRIGHT_BENCH_ROUNDS ?? 3)
const CHANNELS = 200
const WEEK = 7 * 24
const LIVE_RATE = 5_000

const what = 'two decimals, to Postgres on this machine over TLS, its fsync on'

/** `sync.alone`, `sync.ratio`, `sync.bytes`, `sync.beside`, `sync.bytes.live`, `sync.catchup`. */
export async function benchSync(): Promise<void> {
  await alone()
  await catchUp()
}

/** History against `psql \copy` of the same rows, in turn; then beside live readings. */
async function alone(): Promise<void> {
  const bench = new SyncBench()
  try {
    const hours = Math.max(1, Math.round(READINGS / CHANNELS / (HOUR / SECOND)))
    await bench.open({ shape: 'two-decimal', series: CHANNELS, from: Date.UTC(2026, 0, 1), hours })
    const { readings } = bench
    const first = await bench.sendHistory()
    const peer = await bench.copyPeer()
    const rates: number[] = []
    const peers: number[] = []
    const ratios: number[] = []
    for (let round = 0; round < ROUNDS; round++) {
      const ours = readings / (await bench.sendHistory()).seconds
      const theirs = peer === null ? null : readings / (await peer.load())
      say(
        `round ${round + 1}: ${Math.round(ours)} readings/s, psql ${theirs === null ? '–' : Math.round(theirs)}`,
      )
      rates.push(ours)
      if (theirs === null) continue
      peers.push(theirs)
      ratios.push(ours / theirs)
    }
    const how = `median of ${ROUNDS}: ${readings} folded readings of ${CHANNELS} channels, ${what}`
    printFigure({ name: 'sync.alone', value: median(rates), unit: '1/s', how })
    printFigure({
      name: 'sync.ratio',
      value: median(rates),
      unit: '1/s',
      peer: median(peers),
      ratio: median(ratios),
      how: `${how}; peer: psql \\copy into a table with the same columns and key, without partitions, RLS and BRIN`,
    })
    printFigure({
      name: 'sync.bytes',
      value: (first.written + first.read) / readings,
      unit: 'B',
      how: `a reading, both ways, TLS included: history at one a second, ${what}`,
    })
    await beside(bench)
  } finally {
    await bench.close()
  }
}

async function beside(bench: SyncBench): Promise<void> {
  const { plant } = bench.parts
  const live = new LiveReadings(plant, { channels: CHANNELS, perSecond: LIVE_RATE })
  await live.start()
  try {
    const rates: number[] = []
    for (let round = 0; round < ROUNDS; round++) {
      const { seconds } = await bench.sendHistory()
      rates.push(bench.readings / seconds)
      say(`beside: ${Math.round(rates.at(-1) ?? 0)} readings/s, live ones are ${await live.waiting()} behind`)
    }
    const behind = await live.waiting()
    const { bytes, readings } = await live.stop()
    const how = `${CHANNELS} channels at uneven times, ${LIVE_RATE} readings/s, stored with fsync and sent live`
    printFigure({
      name: 'sync.beside',
      value: median(rates),
      unit: '1/s',
      how: `median of ${ROUNDS}: the same history beside ${how} (${behind} of them waited at the end)`,
    })
    printFigure({
      name: 'sync.bytes.live',
      value: bytes / readings,
      unit: 'B',
      how: `a reading, both ways, TLS included: ${how}`,
    })
  } finally {
    await live.stop()
  }
}

/** A week without a link, of channels that are read every 10 s. */
async function catchUp(): Promise<void> {
  const bench = new SyncBench()
  try {
    const from = Date.UTC(2026, 0, 28)
    await bench.open({ shape: 'two-decimal', series: CHANNELS, from, hours: WEEK, every: 10 * SECOND })
    const { seconds } = await bench.sendHistory()
    printFigure({
      name: 'sync.catchup',
      value: seconds,
      unit: 's',
      how: `a week of ${CHANNELS} channels every 10 s (${bench.readings} readings), ${what}`,
    })
  } finally {
    await bench.close()
  }
}
