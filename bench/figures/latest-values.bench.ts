import { join } from 'node:path'
import { createHistorian } from '#platform/historian/create-historian.ts'
import { median, say } from '../figure.ts'
import { BenchFolder, buildStore } from '../store/bench-store.ts'
import { type History, readingsOf } from '../store/shapes.ts'
import { loadPeers, printAgainst, type Round, stopPeers, timed } from './against-peers.ts'

const READINGS = Number(process.env.MILLWRIGHT_BENCH_READINGS ?? 21_600_000)
const SERIES = 500
const ROUNDS = 20

/** `latest.500`: the newest reading of 500 channels. */
export async function benchLatest(): Promise<void> {
  const folder = new BenchFolder()
  await folder.create()
  try {
    const hours = Math.max(1, Math.round(READINGS / SERIES / 3_600))
    const history: History = { shape: 'two-decimal', series: SERIES, from: Date.UTC(2026, 0, 1), hours }
    const store = join(folder.path, 'store')
    say(`building a store of ${readingsOf(history).toLocaleString('en')} readings`)
    buildStore(store, history)
    const peers = await loadPeers(folder.path, history)
    const historian = createHistorian({ dir: store })
    try {
      await historian.start()
      const ids = Array.from({ length: SERIES }, (_, index) => index + 1)
      const rounds: Round[] = []
      for (let round = 0; round < ROUNDS; round++) {
        // One takes less than the clock can tell well.
        const ours =
          (await timed(async () => {
            for (let again = 0; again < 20; again++) await historian.latest(ids)
          })) / 20
        const times = new Map<string, number>()
        for (const peer of peers) times.set(peer.name, await timed(() => peer.latest()))
        rounds.push({ ours, peers: times })
      }
      printAgainst('latest.500', {
        rounds,
        peers,
        unit: 'ms',
        of: median,
        how: `median of ${ROUNDS}: newest reading of ${SERIES} channels, ${readingsOf(history)} readings in the store`,
      })
    } finally {
      await historian.stop()
      await stopPeers(peers)
    }
  } finally {
    await folder.remove()
  }
}
