import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { KILL_START, killRows } from '../testing/kill-rows.ts'
import { LocalStore } from '../testing/local-store.ts'
import { contentsOf, correctionsIn } from '../testing/store-contents.ts'
import { StoreModel } from '../testing/store-model.ts'
import { tempFolder } from '../testing/temp-folder.ts'
import { monthFile } from './month-file.ts'
import { verifyStore } from './verify.ts'

const child = fileURLToPath(new URL('../testing/fold-child.ts', import.meta.url))
const NOW = KILL_START + 20 * 86_400_000
/** Every so many steps; 1 with `npm run test:long`. */
const EVERY = Number(process.env['MILLWRIGHT_KILL_EVERY'] ?? 40)

/** Runs the child until it kills itself; false when it came to its end. */
function killedAt(
  dir: string,
  now: number,
  writes: number,
  step: number,
  env: NodeJS.ProcessEnv = {},
): boolean {
  const args = [child, dir, String(now), String(writes), String(step)]
  const { signal, status, stderr } = spawnSync(process.execPath, args, {
    env: { ...process.env, ...env },
    encoding: 'utf8',
  })
  if (signal !== 'SIGKILL' && status !== 0) throw new Error(stderr)
  return signal === 'SIGKILL'
}

test('a kill at any step of a fold loses and doubles nothing', { timeout: 300_000 }, async () => {
  const dir = tempFolder()
  const model = new StoreModel()
  let writes = 0
  let step = 0
  // The store is the same all the time: each kill meets what the kill before has left.
  for (let folding = true; folding; step += EVERY) {
    writes += 1
    model.write(killRows(writes - 1))
    folding = killedAt(dir, NOW, writes, step)
    const store = new LocalStore(dir).open()
    expectSame(store, model)
    store.close()
  }
  expect(writes).toBeGreaterThan(2)
  const store = new LocalStore(dir)
  store.now = NOW
  store.open()
  store.fold()
  expectSame(store, model)
  for (const channel of ['flow', 'state']) {
    const found = correctionsIn(dir, store.store, store.seriesId(channel))
    expect(found).toEqual(model.corrections(channel))
  }
  expect((await verifyStore(dir)).findings).toEqual([])
  store.close()
})

test('a kill while a month is retired leaves it whole or takes it whole', { timeout: 60_000 }, async () => {
  const dir = tempFolder()
  const later = NOW + 20 * 86_400_000
  const may = monthFile(dir, { month: '2026-05', retentionClass: 'standard' })
  killedAt(dir, NOW, 1, 1e9)
  expect(existsSync(may)).toBe(true)
  const june = new LocalStore(dir).open()
  const kept = contentsOf(dir, june.store, 1).filter(({ ts }) => ts >= Date.UTC(2026, 5, 1))
  june.close()
  for (const step of [0, 1]) {
    killedAt(dir, later, 1, step, { RETIRE: '1' })
    const store = new LocalStore(dir).open()
    expect(contentsOf(dir, store.store, 1)).toEqual(kept)
    store.close()
    expect((await verifyStore(dir)).findings).toEqual([])
    expect(existsSync(`${may}-wal`)).toBe(false)
  }
})

function expectSame(store: LocalStore, model: StoreModel): void {
  for (const channel of ['flow', 'state']) {
    const found = contentsOf(store.dir, store.store, store.seriesId(channel))
    const plain = ({ ts, value, quality }: { ts: number; value: unknown; quality: number }) => [
      ts,
      value,
      quality,
    ]
    expect(found.map(plain)).toEqual(model.readings(channel).map(plain))
  }
}
