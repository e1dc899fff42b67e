import { expect, test } from 'vitest'
import type { SerialPort } from '#contract/model/serial-port.ts'
import { wholeTenant } from '#features/access/index.ts'
import { Topic } from '#platform/events/topic.ts'
import type { BenchRunRow } from './bench-runs.repository.ts'
import type { FlashJobRow } from './flash-jobs.repository.ts'
import type { FlowTools } from './flow-tools.ts'
import { PortClaims } from './port-claims.ts'
import { PortList } from './port-list.ts'
import { RunScheduler } from './run-scheduler.ts'
import { RunningJobs } from './running-jobs.ts'
import type { RunsService } from './runs.service.ts'

const port = {
  path: '/dev/ttyUSB0',
  name: 'ttyUSB0',
  identity: 'u0',
  access: { state: 'free' },
} as SerialPort
const row = {
  id: 'r',
  tenantId: 't',
  name: 'Run',
  state: 'open',
  setup: { startByItself: false, speed: 460_800 },
} as BenchRunRow
const caller = { actor: { kind: 'local' as const, name: 'local' }, scope: wholeTenant('t') }

/** A run whose board is about to begin: its row is being written until a test lets it. */
function bench() {
  const written = Promise.withResolvers<void>()
  const ended: unknown[] = []
  const states: string[] = []
  let opened = 0
  const job = { id: 'j', tenantId: 't', committedAt: null, step: 'connecting' } as FlashJobRow
  const claims = new PortClaims()
  const ports = new PortList(
    {
      ports: () => [port],
      onPorts: () => () => {},
      openBoard: () => Promise.reject(new Error('not here')),
      openMonitor: () => Promise.reject(new Error('not here')),
    },
    claims,
  )
  const later = async () => {
    await written.promise
    return job
  }
  const tools = {
    claims,
    ports,
    bench: {
      openBoard: () => {
        opened += 1
        return Promise.reject(new Error('nothing is to be opened'))
      },
    },
    book: {
      begin: later,
      again: later,
      refresh: () => Promise.resolve(job),
      change: () => Promise.resolve(job),
      end: (_id: string, state: string) => {
        ended.push(state)
        return Promise.resolve(job)
      },
      logs: { add: () => {} },
    },
    audit: { record: () => Promise.resolve() },
    log: { error: () => {}, warn: () => {} },
  } as unknown as FlowTools
  const runs = {
    changed: new Topic(),
    enter: (_id: string, state: string) => {
      states.push(state)
      return Promise.resolve()
    },
  } as unknown as RunsService
  const running = new RunningJobs()
  const scheduler = new RunScheduler({ tools, running, runs, callerOf: () => Promise.resolve(caller) })
  scheduler.add(row)
  const settled = async () => {
    written.resolve()
    while (running.has('j') || claims.holderOf(port.identity)) await new Promise(setImmediate)
    await new Promise(setImmediate)
    return { ended, states, opened }
  }
  return { scheduler, running, job, settled }
}

test('a run that is stopped while a board begins ends after that board, which is not opened', async () => {
  const { scheduler, settled } = bench()
  const begun = scheduler.begin(row, port, caller, null)
  await scheduler.close('r')
  const after = await settled()
  await begun
  expect(after).toEqual({ ended: ['cancelled'], states: ['stopping', 'ended'], opened: 0 })
  await expect(scheduler.begin(row, port, caller, null)).rejects.toMatchObject({ code: 'run_ended' })
})

test('a site that stops while a board begins opens no port', async () => {
  const { scheduler, running, settled } = bench()
  const begun = scheduler.begin(row, port, caller, null)
  scheduler.stop()
  await running.stop()
  const after = await settled()
  await begun
  expect(after).toMatchObject({ ended: ['interrupted'], opened: 0 })
})

test('a job that two people retry at once is carried out once', async () => {
  const { scheduler, running, job, settled } = bench()
  const first = scheduler.again(row, job, port, caller)
  await expect(scheduler.again(row, job, null, caller)).rejects.toMatchObject({ code: 'flash_job_conflict' })
  const second = running.has('j')
  await Promise.all([settled(), first])
  expect([second, running.has('j')]).toEqual([true, false])
})
