import { appendFileSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, expect, test } from 'vitest'
import { JobLogs } from './job-log.ts'

let dir: string
let logs: JobLogs
const errors: unknown[] = []

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'mw-logs-'))
  logs = new JobLogs(
    join(dir, 'logs'),
    () => 1_000,
    (error) => errors.push(error),
  )
  return () => rmSync(dir, { recursive: true, force: true })
})

test('lines come back in their order, also from an earlier process, without one that a crash cut short', async () => {
  logs.add('a', 'bench', 'connecting')
  logs.add('a', 'board', 'mw: boot 1.0\u001b', 2_000)
  logs.add('b', 'bench', 'other')
  await logs.flush()
  appendFileSync(join(dir, 'logs/a.log'), '{"at":3000,"from":"boa')
  const later = new JobLogs(
    join(dir, 'logs'),
    () => 4_000,
    () => {},
  )
  expect(await later.read('a')).toEqual([
    { at: new Date(1_000), from: 'bench', text: 'connecting' },
    { at: new Date(2_000), from: 'board', text: 'mw: boot 1.0\u001b' },
  ])
  expect(await later.read('none')).toEqual([])
  // Nor is what comes after it lost with it.
  later.add('a', 'bench', 'interrupted')
  expect((await later.read('a')).at(-1)?.text).toBe('interrupted')
  expect(statSync(join(dir, 'logs/a.log')).mode & 0o777).toBe(0o600)
})

test('a board that talks without end fills no disk; logs of jobs that are gone go', async () => {
  for (let i = 0; i < 3_000; i++) logs.add('a', 'board', 'x'.repeat(5_000))
  const lines = await logs.read('a')
  expect(lines.at(-1)?.text).toContain('full')
  expect(statSync(join(dir, 'logs/a.log')).size).toBeLessThan(2.1 * 1024 ** 2)
  logs.add('b', 'bench', 'kept')
  await logs.close('b')
  await logs.sweep(async (id) => id === 'b')
  expect(readdirSync(join(dir, 'logs'))).toEqual(['b.log'])
  await logs.remove(['b'])
  expect(readdirSync(join(dir, 'logs'))).toEqual([])
  expect(errors).toEqual([])
})
