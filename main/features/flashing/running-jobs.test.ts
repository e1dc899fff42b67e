import { expect, test } from 'vitest'
import { RunningJobs } from './running-jobs.ts'

test('one job is at work once, and whoever is about to begin with it has it', async () => {
  const running = new RunningJobs()
  const letBe = running.reserve('j')
  expect(() => running.reserve('j')).toThrow(expect.objectContaining({ code: 'flash_job_conflict' }))
  letBe()
  const { promise, resolve } = Promise.withResolvers<void>()
  const done = running.run('j', () => promise)
  letBe()
  expect(() => running.run('j', () => promise)).toThrow(
    expect.objectContaining({ code: 'flash_job_conflict' }),
  )
  expect(() => running.reserve('j')).toThrow(expect.objectContaining({ code: 'flash_job_conflict' }))
  resolve()
  await done
  expect(running.has('j')).toBe(false)
})

test('what begins after the stop ends at once', async () => {
  const running = new RunningJobs()
  await running.stop()
  let reason: unknown
  await running.run('j', (signal) => {
    reason = signal.reason
    return Promise.resolve()
  })
  expect(reason).toBe('stopping')
})
