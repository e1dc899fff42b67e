import { join } from 'node:path'
import { median, printFigure, say } from '../figure.ts'
import { writeCsvSource } from '../peer/csv-source.ts'
import type { RowsPeer } from '../peer/rows-peer.ts'
import { rowsPeers } from '../peer/rows-peers.ts'
import { type History, readingsOf } from '../store/shapes.ts'

/** Starts the peers and loads the same history into each. */
export async function loadPeers(dir: string, history: History): Promise<RowsPeer[]> {
  const csv = join(dir, 'source.csv')
  say(`writing ${readingsOf(history).toLocaleString('en')} readings for the peers`)
  await writeCsvSource(csv, history)
  const peers = await rowsPeers(dir)
  for (const peer of peers) {
    const seconds = await peer.load(history, csv)
    say(`  ${peer.name} loaded in ${seconds.toFixed(1)} s`)
  }
  return peers
}

export async function stopPeers(peers: readonly RowsPeer[]): Promise<void> {
  await Promise.allSettled(peers.map((peer) => peer.stop()))
}

/** Ours and the peer's in the same round, so that what else the machine does meets both. */
export interface Round {
  ours: number
  peers: Map<string, number>
}

/**
 * One line a peer; the first peer's has the figure's own name. `of` is the value told of many rounds (a median, a p95); the
 * ratio is the median of the rounds' own.
 */
export function printAgainst(
  name: string,
  {
    rounds,
    peers,
    unit,
    how,
    of,
  }: {
    rounds: readonly Round[]
    peers: readonly RowsPeer[]
    unit: string
    how: string
    of: (values: number[]) => number | null
  },
): void {
  const value = of(rounds.map(({ ours }) => ours))
  for (const [index, peer] of peers.entries()) {
    const measured = rounds.flatMap(({ ours, peers: all }) => {
      const theirs = all.get(peer.name)
      return theirs === undefined ? [] : [{ ours, theirs }]
    })
    printFigure({
      name: index === 0 ? name : `${name}.${peer.name}`,
      value,
      unit,
      peer: of(measured.map(({ theirs }) => theirs)),
      ratio: median(measured.map(({ ours, theirs }) => ours / theirs)),
      how: `${how}; peer: ${peer.what}`,
    })
  }
}

export function p95(values: number[]): number | null {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * 0.95))] ?? null
}

export async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now()
  await work()
  return performance.now() - startedAt
}
