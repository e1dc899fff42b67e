import { expect, test } from 'vitest'
import { ExpectedError } from '#contract/errors.ts'
import type { Log } from '#platform/log/log.ts'
import type { CloudConnection } from '#platform/postgres/cloud-connection.ts'
import { keepLane } from './lane.ts'
import { Setback } from './setback.ts'

/**
 * Connections that say when they are opened and closed; no server is needed to see when a lane has one.
 * @param probe what the server answers after a failure; it does not, where it throws
 */
function lanes(probe: () => void = () => undefined) {
  const log: string[] = []
  const said: unknown[] = []
  const open = async () => {
    log.push('open')
    return {
      failureOf: (error: unknown, step: string) =>
        error instanceof ExpectedError
          ? error
          : new ExpectedError('cloud_link_lost', { host: 'db', step, cause: (error as Error).message }),
      client: { query: async () => probe() },
      close: async () => void log.push('close'),
    } as unknown as CloudConnection
  }
  const setback = new Setback({
    clock: { now: () => 1_000 },
    log: {
      warn: (data: { code: string }) => said.push(data.code),
      info: () => said.push('on'),
    } as unknown as Log,
    step: 'sending readings',
    changed: () => undefined,
    random: () => 0.5,
  })
  return { log, said, options: { open, every: 2, setback } }
}

function lost(): void {
  throw new Error('Connection terminated')
}

const untilAborted = (signal: AbortSignal) =>
  new Promise<void>((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true })
    if (signal.aborted) resolve()
  })

test('a lane has a connection while it is wanted, and only then', async () => {
  const { log, options } = lanes()
  const stop = new AbortController()
  let isWanted = false
  const lane = {
    name: 'readings',
    step: 'sending readings',
    wanted: () => isWanted,
    run: async (_: CloudConnection, signal: AbortSignal) => {
      log.push('run')
      await untilAborted(signal)
      log.push('end')
    },
  }
  const kept = keepLane(lane, { ...options, signal: stop.signal })
  await new Promise((resolve) => setTimeout(resolve, 10))
  expect(log).toEqual([])
  isWanted = true
  await expect.poll(() => log).toEqual(['open', 'run'])
  isWanted = false
  await expect.poll(() => log).toEqual(['open', 'run', 'end', 'close'])
  isWanted = true
  await expect.poll(() => log.length).toBe(6)
  stop.abort()
  await kept
  expect(log.slice(6)).toEqual(['end', 'close'])
})

test('what a lane fails with is told with its step, and its connection is closed', async () => {
  const { log, options } = lanes(lost)
  const lane = {
    name: 'readings',
    step: 'sending readings',
    wanted: () => true,
    run: () => Promise.reject(new Error('Connection terminated')),
  }
  await expect(keepLane(lane, { ...options, signal: new AbortController().signal })).rejects.toMatchObject({
    code: 'cloud_link_lost',
    data: { step: 'sending readings', cause: 'Connection terminated' },
  })
  expect(log).toEqual(['open', 'close'])
})

test('whoever is told to end may fail at it', async () => {
  const { log, options } = lanes()
  const stop = new AbortController()
  const lane = {
    name: 'readings',
    step: 'sending readings',
    wanted: () => true,
    run: async (_: CloudConnection, signal: AbortSignal) => {
      await untilAborted(signal)
      throw new Error('terminated')
    },
  }
  const kept = keepLane(lane, { ...options, signal: stop.signal })
  await expect.poll(() => log).toEqual(['open'])
  stop.abort()
  await kept
  expect(log).toEqual(['open', 'close'])
})

test('what the cloud refuses a lane makes only the lane rest, and the log says it once', async () => {
  const { log, said, options } = lanes(() => {
    throw Object.assign(new Error('current transaction is aborted'), { severity: 'ERROR', code: '25P02' })
  })
  const stop = new AbortController()
  let isMended = false
  const lane = {
    name: 'readings',
    step: 'sending readings',
    wanted: () => true,
    run: async (_: CloudConnection, signal: AbortSignal) => {
      if (!isMended) throw new ExpectedError('cloud_refused', { cause: 'out of range' })
      await untilAborted(signal)
    },
  }
  const { setback } = options
  const kept = keepLane(lane, { ...options, signal: stop.signal })
  await expect.poll(() => setback.problem?.code).toBe('cloud_refused')
  // The first second, spread by nothing.
  expect(setback.retryAt).toBe(2_000)
  setback.again()
  await expect.poll(() => setback.retryAt).toBe(3_000)
  expect(log).toEqual(['open', 'close', 'open', 'close'])
  expect(said).toEqual(['cloud_refused'])
  isMended = true
  setback.again()
  await expect.poll(() => log.length).toBe(5)
  stop.abort()
  await kept
  expect(setback.problem).toBeNull()
  expect(said).toEqual(['cloud_refused', 'on'])
})

test('a mistake of our own in a lane is no lost link', async () => {
  const { options } = lanes()
  const stop = new AbortController()
  const lane = {
    name: 'readings',
    step: 'sending readings',
    wanted: () => true,
    run: () => Promise.reject(new TypeError('row.at.getTime is not a function')),
  }
  const kept = keepLane(lane, { ...options, signal: stop.signal })
  await expect
    .poll(() => options.setback.problem)
    .toEqual({
      code: 'cloud_own_fault',
      data: { step: 'sending readings', cause: 'row.at.getTime is not a function' },
    })
  stop.abort()
  await kept
})
