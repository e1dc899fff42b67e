import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

test('passes the conformance suite of aedes-persistence', () => {
  const suite = fileURLToPath(new URL('./testing/conformance.ts', import.meta.url))
  const { stdout, status } = spawnSync(process.execPath, ['--test', '--test-reporter=tap', suite], {
    encoding: 'utf8',
  })
  expect(stdout).toMatch(/^# fail 0$/m)
  expect(stdout).toMatch(/^# skipped 0$/m)
  const passed = Number(/^# pass (\d+)$/m.exec(stdout)?.[1])
  expect(passed).toBe(50)
  expect(status).toBe(0)
})
