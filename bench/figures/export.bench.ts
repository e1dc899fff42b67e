import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { exportStream } from '#features/telemetry/export/export-stream.ts'
import type { ExportTask } from '#features/telemetry/export/export-task.ts'
import { createHistorian } from '#platform/historian/create-historian.ts'
import { median, say } from '../figure.ts'
import { BenchFolder, buildStore } from '../store/bench-store.ts'
import { type History, HOUR, readingsOf } from '../store/shapes.ts'
import { loadPeers, printAgainst, type Round, stopPeers, timed } from './against-peers.ts'

const READINGS = Number(process.env.MILLWRIGHT_BENCH_READINGS ?? 20_736_000)
const ROUNDS = Number(process.env.MILLWRIGHT_BENCH_ROUNDS ?? 2)
const SERIES = 8

/** `export.rate`: readings a second, from the store to a CSV file. */
export async function benchExport(): Promise<void> {
  const folder = new BenchFolder()
  await folder.create()
  try {
    const hours = Math.max(2, Math.round(READINGS / SERIES / 3_600))
    const history: History = { shape: 'two-decimal', series: SERIES, from: Date.UTC(2026, 0, 1), hours }
    const readings = readingsOf(history)
    const store = join(folder.path, 'store')
    say(`building a store of ${readings.toLocaleString('en')} readings`)
    buildStore(store, history)
    const peers = await loadPeers(folder.path, history)
    const historian = createHistorian({ dir: store })
    try {
      await historian.start()
      const rounds: Round[] = []
      const rate = async (work: () => Promise<void>) => readings / ((await timed(work)) / 1_000)
      for (let round = 0; round < ROUNDS; round++) {
        const ours = await rate(() => exportTo(join(folder.path, 'ours.csv'), historian, history))
        say(`  exported at ${Math.round(ours).toLocaleString('en')} a second`)
        const rates = new Map<string, number>()
        for (const peer of peers)
          rates.set(peer.name, await rate(() => peer.exportCsv(join(folder.path, `${peer.name}.csv`))))
        rounds.push({ ours, peers: rates })
      }
      printAgainst('export.rate', {
        rounds,
        peers,
        unit: '1/s',
        of: median,
        how: `median of ${ROUNDS}: ${readings} readings of ${SERIES} channels to one CSV file with ISO times, as a job writes it (peers: three columns instead of six)`,
      })
    } finally {
      await historian.stop()
      await stopPeers(peers)
    }
  } finally {
    await folder.remove()
  }
}

async function exportTo(
  file: string,
  historian: Parameters<typeof exportStream>[0],
  { series, from, hours }: History,
): Promise<void> {
  const task: ExportTask = {
    format: 'csv',
    layout: 'long',
    functions: ['avg'],
    raw: false,
    channels: Array.from({ length: series }, (_, index) => ({
      seriesId: index + 1,
      gateway: 'GW001',
      key: `channel ${index + 1}`,
      unit: '°C',
      kind: 'number' as const,
    })),
    from,
    to: from + hours * HOUR,
    firstTs: from,
  }
  const out = await open(file, 'w')
  try {
    for await (const piece of exportStream(historian, task)) await out.write(piece)
  } finally {
    await out.close()
  }
}
