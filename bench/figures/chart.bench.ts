import { join } from 'node:path'
import { createHistorian } from '#platform/historian/create-historian.ts'
import { bucketWidth } from '#renderer/charts/bucket-rows.ts'
import { say } from '../figure.ts'
import type { RowsPeer } from '../peer/rows-peer.ts'
import { BenchFolder, buildStore } from '../store/bench-store.ts'
import { DAY, type History, HOUR, readingsOf } from '../store/shapes.ts'
import { loadPeers, p95, printAgainst, type Round, stopPeers, timed } from './against-peers.ts'

/** A year of one channel at a reading a second. */
const READINGS = Number(process.env.MILLWRIGHT_BENCH_READINGS ?? 365 * 86_400)
const FROM = Date.UTC(2025, 0, 1)
const POINTS = 1_000

/** `chart.24h|30d|1y`: some 1,000 buckets of a range somewhere in the history, as a chart asks for it. */
export async function benchChart(): Promise<void> {
  const folder = new BenchFolder()
  await folder.create()
  try {
    const days = Math.max(2, Math.round(READINGS / 86_400))
    const history: History = { shape: 'two-decimal', series: 1, from: FROM, hours: days * 24 }
    const store = join(folder.path, 'store')
    say(`building a store of ${days} days`)
    buildStore(store, history)
    const peers = await loadPeers(folder.path, history)
    const historian = createHistorian({ dir: store })
    try {
      await historian.start()
      const ask = async (range: Range) => {
        const count = Math.round((range.to - range.from) / range.width)
        return historian.buckets({ seriesIds: [1], from: range.from, to: range.to, count })
      }
      for (const [name, span, rounds, peerRounds] of [
        ['24h', DAY, 100, 20],
        ['30d', Math.min(30, days) * DAY, 60, 10],
        ['1y', days * DAY, 40, 3],
      ] as const) {
        const ranges = rangesOf(span, history, rounds)
        // The first ones are of files that nobody has read yet.
        for (const range of ranges.slice(0, 3)) await ask(range)
        const measured: Round[] = []
        for (const [index, range] of ranges.entries()) {
          const ours = await timed(() => ask(range))
          measured.push({ ours, peers: index < peerRounds ? await peersOf(peers, range) : new Map() })
        }
        printAgainst(`chart.${name}`, {
          rounds: measured,
          peers,
          unit: 'ms',
          of: p95,
          how: `p95 of ${rounds} (peers ${peerRounds}) ranges of ${span / DAY} days at 1/s to some ${POINTS} aligned buckets, ${readingsOf(history)} readings in the store, through the reader thread`,
        })
      }
    } finally {
      await historian.stop()
      await stopPeers(peers)
    }
  } finally {
    await folder.remove()
  }
}

interface Range {
  from: number
  to: number
  width: number
}

/** Ranges on a grid of the width that a chart would choose, spread over the history. */
function rangesOf(span: number, { from, hours }: History, count: number): Range[] {
  const width = bucketWidth(span, POINTS)
  const room = hours * HOUR - span
  return Array.from({ length: count }, (_, index) => {
    const offset = Math.floor((room * ((index * 0.618034) % 1)) / width) * width
    return { from: from + offset, to: from + offset + Math.floor(span / width) * width, width }
  })
}

async function peersOf(peers: readonly RowsPeer[], range: Range): Promise<Map<string, number>> {
  const times = new Map<string, number>()
  for (const peer of peers) times.set(peer.name, await timed(() => peer.chart({ series: 1, ...range })))
  return times
}
