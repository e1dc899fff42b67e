import { expect, test } from 'vitest'
import type { Job } from '#contract/model/job.ts'
import { applyJobsMessage, jointProgress, noJobs, timeLeft } from './jobs-message.ts'

function job(id: string, rest: Partial<Job> = {}): Job {
  return {
    id,
    kind: 'telemetry.export',
    tenantId: null,
    createdBy: 'x',
    subject: id,
    state: 'running',
    progress: { done: 0, total: null },
    params: {},
    attempts: 1,
    result: null,
    error: null,
    createdAt: 0,
    startedAt: 0,
    endedAt: null,
    expiresAt: null,
    file: null,
    ...rest,
  }
}
const ids = (jobs: { jobs: readonly Job[] }) => jobs.jobs.map(({ id }) => id)

test('the whole first, then what changed and what is gone, newest first', () => {
  const first = applyJobsMessage(noJobs, { whole: true, jobs: [job('a'), job('b')], removed: [] })
  expect(ids(first)).toEqual(['b', 'a'])
  const next = applyJobsMessage(first, {
    whole: false,
    jobs: [job('c'), job('a', { state: 'done' })],
    removed: ['b'],
  })
  expect(ids(next)).toEqual(['c', 'a'])
  expect(next.jobs[1]?.state).toBe('done')
})

test('after a lost link the whole replaces what was known', () => {
  const before = applyJobsMessage(noJobs, { whole: true, jobs: [job('a')], removed: [] })
  expect(ids(applyJobsMessage(before, { whole: true, jobs: [job('b')], removed: [] }))).toEqual(['b'])
})

test('several jobs make one progress; of those that do not know theirs nothing is said', () => {
  const at = (done: number, total: number | null) => job('a', { progress: { done, total } })
  expect(jointProgress([at(1, 2), at(1, 4), at(9, null)])).toBe(0.375)
  expect(jointProgress([at(9, null)])).toBeNull()
})

test('time left, once it is more than a guess', () => {
  const at = (done: number) => job('a', { progress: { done, total: 100 } })
  expect(timeLeft(at(25), 10_000)).toBe(30_000)
  expect(timeLeft(at(1), 10_000)).toBeNull()
  expect(timeLeft(at(25), 1_000)).toBeNull()
  expect(timeLeft(job('a', { state: 'done', progress: { done: 1, total: 2 } }), 10_000)).toBeNull()
})
