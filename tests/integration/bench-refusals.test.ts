import { createServer } from 'node:net'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import type { BenchSetup, FlashJob } from '#contract/model/flash.ts'
import { readNvs } from '#firmware/nvs/index.ts'
import type { SimulatedBoardOptions } from '#firmware/transport/rom-simulator/board-options.ts'
import { ended, importSimFirmware, jobsOf, openRun } from '#tests/fixtures/bench.ts'
import { startBoards, type TestBoard, type TestBoards } from '#tests/fixtures/boards.ts'
import { eventually } from '#tests/fixtures/eventually.ts'
import { startSite, type TestSite } from '#tests/fixtures/site.ts'

const api = '/api/v1'
const FOREIGN = '24:6f:28:aa:00:01'
const TWICE = '24:6f:28:aa:00:02'
const plain = { secureBoot: false, flashEncryption: false, downloadMode: 'open' } as const

/** What each board of the bench is. */
const kinds: Partial<SimulatedBoardOptions>[] = [
  {},
  { mac: TWICE },
  { mac: TWICE, faults: { slowErase: 300 } },
  { security: { ...plain, secureBoot: true } },
  { faults: { noise: true } },
  { mac: FOREIGN },
  { faults: { brownOut: true } },
  { chip: 'ESP32-C3' },
]

let site: TestSite
let boards: TestBoards
let bundleId: string
let tenant: string

beforeAll(async () => {
  boards = await startBoards(kinds.length, { each: (index) => kinds[index] ?? {} })
  process.env['MILLWRIGHT_SIMULATED_PORTS'] = boards.folder
  site = await startSite()
  tenant = (await site.local.get(`${api}/tenants`)).json.tenants[0].id
  bundleId = await importSimFirmware(site.local)
  const { id } = await site.engine.createTenant({ slug: 'south', name: 'South of all' })
  const other = { mac_address: FOREIGN, code: 'SECRET-1', name: 'Theirs', tenant: id }
  await site.local.post(`${api}/gateways/provision`, other)
})
afterAll(async () => {
  await site.stop()
  await boards.stop()
})

afterEach(async () => {
  const { runs } = (await site.local.get(`${api}/bench/runs`)).json
  for (const { id, state } of runs) if (state !== 'ended') await stop(id)
})

const board = (index: number): TestBoard => boards.boards[index] as TestBoard
const open = (setup: Partial<BenchSetup> = {}) =>
  openRun(site.local, { bundleId, tenant, startByItself: false, contactWithin: 15, ...setup })
const stop = (runId: string) => site.local.post(`${api}/bench/runs/${runId}/stop`, { now: true })
const identity = (index: number) => `simulated:SIM-${board(index).options.name}`
const fleet = async () => (await site.local.get(`${api}/gateways?tenant=${tenant}`)).json.gateways

async function portOf(index: number): Promise<string> {
  // Plugged in again it has another one.
  const path = await board(index).path()
  return eventually(async () => {
    const { ports } = (await site.local.get(`${api}/bench/ports`)).json
    const port = ports.find((one: { path: string }) => one.path === path)
    return port?.access.state === 'free' && !port.isTaken ? path : null
  }, `the port of board ${index}`)
}

async function begin(runId: string, index: number): Promise<FlashJob> {
  const begun = await site.local.post(`${api}/bench/runs/${runId}/boards`, { port: await portOf(index) })
  expect(begun.json).toMatchObject({ jobs: [{ state: 'running' }] })
  return begun.json.jobs[0]
}

async function job(id: string): Promise<FlashJob> {
  return (await site.local.get(`${api}/bench/jobs/${id}`)).json.job
}

async function end(id: string): Promise<FlashJob> {
  return eventually(
    async () => {
      const now = await job(id)
      return now.state === 'running' ? null : now
    },
    'the end of a job',
    40_000,
  )
}

test('each board that cannot become a gateway says why, at its step; the fleet has no trace, the port is free, a retry goes on', async () => {
  const runId = await open({ startByItself: true })
  const jobs = await ended(site.local, runId, kinds.length)
  const how = new Map(jobs.map((one) => [one.port.identity, one]))
  const result = (index: number) => {
    const { state, step, error } = how.get(identity(index)) as FlashJob
    return error ? [error.code, step] : [state]
  }
  expect(result(0)).toEqual(['passed'])
  // Whoever says it first keeps it.
  const twins = [result(1), result(2)]
  expect(new Set(twins)).toEqual(new Set([['mac_twice', 'connecting'], ['passed']]))
  expect(result(3)).toEqual(['board_secured', 'connecting'])
  expect(result(4)).toEqual(['board_silent', 'connecting'])
  expect(result(5)).toEqual(['mac_taken', 'preparing'])
  expect(how.get(identity(5))?.error?.message).not.toMatch(/South|SECRET/)
  expect(result(6)[0]).toBe('board_brownout')
  expect(result(7)).toEqual(['passed'])
  const macs = (await fleet()).map((one: { mac: string }) => one.mac).toSorted()
  expect(macs).toEqual([0, 1, 6, 7].map((index) => board(index).options.mac).toSorted())
  for (const index of kinds.keys()) await portOf(index)

  // Its gateway stands: the retry lets it start again, and writes nothing.
  const browned = how.get(identity(6)) as FlashJob
  expect(browned.committed).toBe(true)
  await board(6).fault(null)
  const retried = await site.local.post(`${api}/bench/jobs/${browned.id}/retry`, {})
  expect(retried.json).toMatchObject({ attempt: 2, state: 'running', committed: true })
  expect(await end(browned.id)).toMatchObject({
    state: 'passed',
    serial: browned.serial,
    hasBirthRecord: true,
  })
  const conflict = await site.local.post(`${api}/bench/jobs/${browned.id}/retry`, {})
  expect(conflict.json).toMatchObject({ code: 'flash_job_conflict' })
  await stop(runId)
})

test('pulled at any step, or cancelled, nothing counts before it stands; the same board passes then, with the same number', async () => {
  await board(0).unplug()
  await board(0).plug()
  const runId = await open({ firstNumber: 500 })
  await board(3).unplug()
  const before = (await fleet()).length
  const pulled = [{ unplugAt: 40 }, { unplugAt: 9_000 }, { unplugAt: 25_000 }]
  // A MAC that is new to the site: board 4 without its noise.
  for (const fault of pulled) {
    await board(4).fault(fault)
    const { id } = await begin(runId, 4)
    expect(await end(id)).toMatchObject({ state: 'failed', error: { code: 'port_lost' }, committed: false })
    await board(4).plug()
  }
  await board(4).fault({ slowErase: 4_000 })
  const slow = await begin(runId, 4)
  await eventually(async () => (await job(slow.id)).step === 'writing', 'writing')
  expect((await site.local.get(`${api}/bench/ports`)).json.ports).toContainEqual(
    expect.objectContaining({ identity: identity(4), isTaken: true, jobId: slow.id }),
  )
  const busy = await site.local.post(`${api}/bench/runs/${runId}/boards`, { port: slow.port.path })
  expect(busy.json).toMatchObject({ code: 'port_busy' })
  const cancelled = await site.local.post(`${api}/bench/jobs/${slow.id}/cancel`, {})
  expect(cancelled.json).toMatchObject({ state: 'cancelled', error: { code: 'flash_cancelled' } })
  expect(await fleet()).toHaveLength(before)
  await board(4).fault(null)
  await portOf(4)
  await site.local.post(`${api}/bench/jobs/${slow.id}/retry`, {})
  const passed = await end(slow.id)
  expect(passed).toMatchObject({ state: 'passed', gateway: { code: 'GW500', again: false }, attempt: 2 })
  // Of a board that runs, and is pulled while it is awaited.
  await board(4).fault({ neverConnects: 'broker' })
  const again = await begin(runId, 4)
  await eventually(async () => (await job(again.id)).step === 'waiting', 'waiting')
  await board(4).unplug()
  expect(await end(again.id)).toMatchObject({
    state: 'failed',
    error: { code: 'port_lost' },
    committed: true,
    gateway: { code: 'GW500', again: true },
  })
  await stop(runId)
})

test('the key is made on the chip; a label goes to the printer; a reading out of range is told', async () => {
  const printed: Buffer[] = []
  const printer = createServer((socket) => socket.on('data', (chunk) => printed.push(chunk)))
  const port = await new Promise<number>((resolve, reject) => {
    const tryPort = (candidate: number): void => {
      if (candidate > 9109) return reject(new Error('All ports of printers are taken'))
      printer
        .once('error', () => tryPort(candidate + 1))
        .listen(candidate, '127.0.0.1', () => resolve(candidate))
    }
    tryPort(9100)
  })
  try {
    const runId = await open({
      keyOnChip: true,
      check: { channel: 'temperature', least: 100, most: null },
      labels: { as: 'zpl', size: 'roll-50x25', printer: `127.0.0.1:${port}` },
    })
    const { id } = await begin(runId, 7)
    const failed = await end(id)
    expect(failed).toMatchObject({
      error: { code: 'reading_out_of_range' },
      firstReading: { check: 'failed' },
    })
    await stop(runId)
    const next = await open({
      keyOnChip: true,
      labels: { as: 'zpl', size: 'roll-50x25', printer: `127.0.0.1:${port}` },
    })
    const passed = await end((await begin(next, 7)).id)
    expect(passed).toMatchObject({ state: 'passed', labelled: true, gateway: { again: true } })
    expect(Buffer.concat(printed).toString()).toMatch(/\^XA[^]*\^XZ/)
    const birth = await site.local.get(`${api}/gateways/${passed.gateway?.id}/birth-record`)
    expect(JSON.parse(birth.json.record)).toMatchObject({ firmware: { keyOnChip: true } })
    // What the site wrote has no key in it: its NVS is in the flash as the board left it, its hash in the record.
    const flash = await board(7).flash()
    const { namespaces } = readNvs(new Uint8Array(flash.subarray(0x9000, 0xf000)), { mode: 'lenient' })
    expect(namespaces['mw']?.['cert']).toBeDefined()
    await stop(next)
  } finally {
    printer.close()
  }
})

test('one run of a tenant at a time; what cannot be is refused before anything begins', async () => {
  const runId = await open()
  const post = (setup: object) => site.local.post(`${api}/bench/runs`, { bundleId, tenant, ...setup })
  expect((await post({})).json).toMatchObject({ code: 'run_open' })
  await stop(runId)
  // Boards that begin by themselves begin in one tenant: which it is, is not told to the other.
  const byItself = await open({
    startByItself: true,
    atOnce: 1,
    plan: [{ mac: '24:6f:28:ff:00:01', code: 'NOBODY' }],
  })
  const southern = await site.local.post(`${api}/bench/runs`, { bundleId, tenant: 'south' })
  expect(southern.json).toMatchObject({ code: 'run_invalid', data: { field: 'startByItself' } })
  await stop(byItself)
  for (const [setup, field] of [
    [{ codePattern: 'GW' }, 'codePattern'],
    [{ plan: [{ code: 'A' }, { code: 'A' }] }, 'plan, line 2'],
    [{ plan: [{ mac: 'nonsense', code: 'A' }] }, 'plan, line 1'],
    [{ labels: { as: 'zpl', size: 'roll-50x25', printer: '127.0.0.1:22' } }, 'labels.printer'],
    [{ check: { channel: 'x', least: 2, most: 1 } }, 'check'],
  ] as const)
    expect((await post(setup)).json).toMatchObject({ code: 'run_invalid', data: { field } })
  expect((await post({ bundleId: runId })).json).toMatchObject({ code: 'not_found' })
  expect((await post({ wifiId: runId })).json).toMatchObject({ code: 'not_found' })
  expect((await site.local.post(`${api}/bench/runs/${runId}/boards`, {})).json).toMatchObject({
    code: 'run_ended',
  })
  const wifi = await site.local.post(`${api}/bench/wifi-networks`, {
    tenant,
    ssid: 'PLANT',
    password: 'short',
  })
  expect(wifi.json).toMatchObject({ code: 'wifi_invalid' })
  expect(await jobsOf(site.local, runId)).toEqual([])
})
