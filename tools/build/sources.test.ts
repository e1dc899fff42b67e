import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { buildState, measureSources, STAMP } from './sources.ts'

let root = ''
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'sources-'))
  put('main/a.ts')
  put('renderer/b.css')
  put('package.json')
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

test('a build that was never finished is missing', () => {
  expect(buildState(root)).toBe('missing')
  put('dist/main/a.js')
  expect(buildState(root)).toBe('missing')
  put(STAMP, '{"startedAt":')
  expect(buildState(root)).toBe('missing')
})

test('a build of the present sources is fresh, whatever happens to tests', () => {
  finishBuild()
  expect(buildState(root)).toBe('fresh')
  put('main/a.test.ts', '', Date.now() + 60_000)
  put('docs/a.md', '', Date.now() + 60_000)
  expect(buildState(root)).toBe('fresh')
})

test('a changed, a new and a removed source make it stale', () => {
  finishBuild()
  put('renderer/b.css', 'a {}', Date.now() + 60_000)
  expect(buildState(root)).toBe('stale')
  finishBuild(Date.now() + 120_000)
  expect(buildState(root)).toBe('fresh')
  put('main/c.ts')
  expect(buildState(root)).toBe('stale')
  rmSync(join(root, 'main/c.ts'))
  expect(buildState(root)).toBe('fresh')
  rmSync(join(root, 'main/a.ts'))
  expect(buildState(root)).toBe('stale')
})

function finishBuild(startedAt = Date.now() + 1_000): void {
  put(STAMP, JSON.stringify({ startedAt, files: measureSources(root).files }))
}

function put(path: string, content = '', at = Date.now()): void {
  const file = join(root, path)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, content)
  utimesSync(file, at / 1000, at / 1000)
}
