import { afterAll, beforeAll, expect, test } from 'vitest'
import type { SerialPort } from '#contract/model/serial-port.ts'
import { type EnrollmentSite, enrollmentSite } from '#features/enrollment/enrollment-site.fixture.ts'
import type { BoardSession } from '../bench-port.ts'
import { Contacts } from '../contacts.ts'
import type { FlashJobRow } from '../flash-jobs.repository.ts'
import { ActionRun, type ActionRunDependencies } from './action-run.ts'

let site: EnrollmentSite
beforeAll(async () => {
  site = await enrollmentSite()
})
afterAll(() => site.close())

const mac = '02:00:00:00:0f:01'
const port = { path: '/dev/ttyACM0', name: 'ttyACM0', identity: 'u0' } as SerialPort

/** A settings job with a board that takes all that is written. */
function settingsJob() {
  const contacts = new Contacts()
  const seen: string[] = []
  let row = {
    id: 'j',
    tenantId: 'north',
    kind: 'settings',
    port: JSON.stringify(port),
    action: JSON.stringify({ action: { kind: 'settings', wifiId: null }, speed: 460_800 }),
    step: 'connecting',
    committedAt: null,
  } as unknown as FlashJobRow
  const change = (changes: Partial<FlashJobRow>) => {
    row = { ...row, ...changes }
    if (changes.step) seen.push(changes.step)
    return Promise.resolve(row)
  }
  const session: Partial<BoardSession> = {
    board: { mac } as BoardSession['board'],
    read: () => Promise.resolve(new Uint8Array(8)),
    write: () => Promise.resolve(),
    verify: () => Promise.resolve([]),
    close: () => Promise.resolve(void seen.push('closed')),
  }
  const dependencies = {
    db: site.db,
    clock: site.clock,
    audit: site.audit,
    enrollment: site.enrollment,
    contacts,
    log: { error: (of: { err: unknown }) => seen.push(String(of.err)) },
    bench: { openBoard: () => Promise.resolve(session) },
    ports: { identified: () => {} },
    book: {
      change: (_id: string, changes: Partial<FlashJobRow>) => change(changes),
      require: () => Promise.resolve(row),
      progress: () => {},
      logs: { add: () => {} },
      end: (_id: string, state: FlashJobRow['state']) => {
        seen.push(state)
        return change({ state })
      },
    },
    changeIn: (_trx: unknown, _id: string, changes: Partial<FlashJobRow>) => change(changes),
    readLayout: () => ({ nvs: { offset: 0x9000, size: 0x4000, isEncrypted: false }, otadata: null }),
    readNvs: () => ({ namespaces: {}, warnings: [] }),
    buildNvs: () => new Uint8Array(8),
    reachOf: () => ({ brokerUris: [], caPem: '', tenant: null }),
  } as unknown as ActionRunDependencies
  const { subject } = site.draft('flash_job.start')
  const actor = { kind: 'local' as const, name: 'local' }
  const run = new ActionRun(dependencies, row, { actor, scope: { all: true }, subject })
  const until = async (what: string) => {
    while (!seen.includes(what)) await new Promise(setImmediate)
    return [...seen]
  }
  return { run, contacts, until, fingerprint: () => row.fingerprint ?? '' }
}

test('settings are written, the port is closed, and then the board is awaited', async () => {
  const { gateway } = await site.enroll({ mac })
  const { run, contacts, until, fingerprint } = settingsJob()
  const done = run.run(port, new AbortController().signal)
  expect(await until('waiting')).toEqual(['preparing', 'writing', 'verifying', 'closed', 'waiting'])
  // Nobody knows with which credential that came.
  contacts.heard({ gatewayId: gateway.id, key: 't', name: 't', value: 1, unit: null, at: 0 })
  await new Promise(setImmediate)
  expect((await until('waiting')).at(-1)).toBe('waiting')
  contacts.proved([{ fingerprint: fingerprint(), secretId: null }])
  await done
  expect((await until('passed')).at(-1)).toBe('passed')
})

test('a board that is cancelled while it is awaited was waiting', async () => {
  const { run, until } = settingsJob()
  const controller = new AbortController()
  const done = run.run(port, controller.signal)
  await until('waiting')
  controller.abort('cancelled')
  await done
  expect((await until('cancelled')).slice(-2)).toEqual(['waiting', 'cancelled'])
})
