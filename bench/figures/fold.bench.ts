import { join } from 'node:path'
import { createHistorian } from '#platform/historian/create-historian.ts'
import { median, say } from '../figure.ts'
import { writeCsvSource } from '../peer/csv-source.ts'
import type { RowsPeer } from '../peer/rows-peer.ts'
import { rowsPeers } from '../peer/rows-peers.ts'
import { BenchFolder, buildUnfolded } from '../store/bench-store.ts'
import { type History, readingsOf } from '../store/shapes.ts'
import { printAgainst, type Round, stopPeers, timed } from './against-peers.ts'

const READINGS = Number(process.env.MILLWRIGHT_BENCH_READINGS ?? 20_736_000)
const ROUNDS = Number(process.env.MILLWRIGHT_BENCH_ROUNDS ?? 1)
const SERIES = 60

/** `fold.rate`: settled rows to blocks and rollups on the disk, and the rows deleted, by the store's own threads. */
export async function benchFold(): Promise<void> {
  const hours = Math.max(2, Math.round(READINGS / SERIES / 3_600))
  const history: History = { shape: 'two-decimal', series: SERIES, from: Date.UTC(2026, 0, 1), hours }
  const readings = readingsOf(history)
  const rounds: Round[] = []
  let known: RowsPeer[] = []
  for (let round = 0; round < ROUNDS; round++) {
    const folder = new BenchFolder()
    await folder.create()
    try {
      say(`writing ${readings.toLocaleString('en')} settled rows`)
      const store = join(folder.path, 'store')
      buildUnfolded(store, history)
      const ours = readings / (await foldAll(store))
      say(`  folded at ${Math.round(ours).toLocaleString('en')} a second`)
      const csv = join(folder.path, 'source.csv')
      await writeCsvSource(csv, history)
      const peers = await rowsPeers(folder.path)
      try {
        const rates = new Map<string, number>()
        for (const peer of peers) rates.set(peer.name, readings / (await peer.load(history, csv)))
        rounds.push({ ours, peers: rates })
      } finally {
        await stopPeers(peers)
      }
      known = peers
    } finally {
      await folder.remove()
    }
  }
  printAgainst('fold.rate', {
    rounds,
    peers: known,
    unit: '1/s',
    of: median,
    how: `${ROUNDS} x ${readings} settled rows of ${SERIES} channels at 1/s to blocks and rollups, synchronous=FULL, rows deleted; the peer loads the same rows without fsync (SQLite by INSERT, others from CSV)`,
  })
}

/** @returns seconds */
async function foldAll(dir: string): Promise<number> {
  const historian = createHistorian({ dir })
  await historian.start()
  try {
    return (await timed(() => historian.fold())) / 1_000
  } finally {
    await historian.stop()
  }
}
