import { join } from 'node:path'
import { say } from '../figure.ts'
import { BenchFolder, buildStore } from '../store/bench-store.ts'
import { DAY, type History, HOUR, readingsOf, type Shape, shapes } from '../store/shapes.ts'
import { loadPeers, printAgainst, stopPeers } from './against-peers.ts'

const READINGS = Number(process.env.MILLWRIGHT_BENCH_READINGS ?? 20_736_000)
const FROM = Date.UTC(2026, 0, 1)

/** `bytes.two-decimal|double|onoff`: what a reading takes on the disk, with indexes and rollups. */
export async function benchBytes(): Promise<void> {
  for (const shape of shapes) await benchShape(shape)
}

async function benchShape(shape: Shape): Promise<void> {
  const folder = new BenchFolder()
  await folder.create()
  try {
    const hours = Math.max(24, Math.round(READINGS / 8 / 3_600 / 24) * 24)
    const history: History = { shape, series: 8, from: FROM, hours }
    const readings = readingsOf(history)
    const ours = buildStore(join(folder.path, 'store'), history) / readings
    say(`${shape}: ${ours.toFixed(3)} bytes a reading`)
    const peers = await loadPeers(folder.path, history)
    try {
      const each = new Map<string, number>()
      for (const peer of peers) each.set(peer.name, (await peer.bytes()) / readings)
      printAgainst(`bytes.${shape}`, {
        rounds: [{ ours, peers: each }],
        peers,
        unit: 'bytes',
        of: ([value = null]) => value,
        how: `${readings} readings of 8 channels at 1/s, ${(hours * HOUR) / DAY} days, all files of the store`,
      })
    } finally {
      await stopPeers(peers)
    }
  } finally {
    await folder.remove()
  }
}
