import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { createHistorian } from '../create-historian.ts'
import { tempFolder } from '../testing/temp-folder.ts'

const child = fileURLToPath(new URL('../testing/ingest-child.ts', import.meta.url))
const KILLS = Number(process.env['MILLWRIGHT_KILLS'] ?? 2)

/** Runs the child until it was killed, and returns the times it was told are committed. */
async function acknowledgedBeforeKill(dir: string, from: number, after: number): Promise<number[]> {
  const process = spawn(globalThis.process.execPath, [child, dir, String(from)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const acknowledged: number[] = []
  for await (const line of createInterface({ input: process.stdout })) {
    acknowledged.push(Number(line))
    // At a moment that has nothing to do with the writer's.
    if (acknowledged.length === after) setTimeout(() => process.kill('SIGKILL'), Math.random() * 30)
  }
  return acknowledged
}

test('a kill under load loses no acknowledged reading', { timeout: 60_000 }, async () => {
  const dir = tempFolder()
  const acknowledged: number[] = []
  for (let kill = 0; kill < KILLS; kill++) {
    const from = kill * 1_000_000
    acknowledged.push(...(await acknowledgedBeforeKill(dir, from, 40 + kill * 60)))
    const historian = createHistorian({ dir }, { runRows: 200 })
    await historian.start()
    const found = new Set<number>()
    let after: number | undefined
    do {
      const range = { from: 0, to: 1e12, order: 'ascending', limit: 10_000 } as const
      const page = await historian.raw({ seriesId: 1, ...range, ...(after === undefined ? {} : { after }) })
      // The value is the reading's own number: a reading that came back as another would show.
      for (const { ts, value } of page.readings) if (value === ts * 2) found.add(ts)
      after = page.next ?? undefined
    } while (after !== undefined)
    expect(acknowledged.length).toBeGreaterThan(0)
    expect(acknowledged.filter((ts) => !found.has(ts))).toEqual([])
    const latest = await historian.latest()
    expect(latest[0]?.ts).toBeGreaterThanOrEqual(acknowledged.at(-1) ?? Infinity)
    await historian.stop()
  }
})
