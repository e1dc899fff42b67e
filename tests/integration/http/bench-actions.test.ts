import { createHash, randomBytes } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { FlashJob } from '#contract/model/flash.ts'
import { buildNvs, readNvs } from '#firmware/nvs/index.ts'
import { ended, importSimFirmware, openRun } from '#tests/fixtures/bench.ts'
import { startBoards, type TestBoard, type TestBoards } from '#tests/fixtures/boards.ts'
import { eventually } from '#tests/fixtures/eventually.ts'
import { startSite, type TestSite } from '#tests/fixtures/site.ts'
import { type Api, People } from './people.ts'

const api = '/api/v1'
const MB = 1 << 20
const nvs = { from: 0x9000, to: 0x9000 + 0x6000 }
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

let site: TestSite
let rack: TestBoards
/** A gateway, a blank one with little flash, one with our firmware and Improv, one of another tenant. */
let board: TestBoard
let blank: TestBoard
let stranger: TestBoard
let bundleId: string
let wifiId: string
let northId: string
let southId: string
let people: People
let ana: Api
let gatewayJob: FlashJob

beforeAll(async () => {
  rack = await startBoards(3, { each: (index) => (index === 1 ? { flashSize: MB } : {}) })
  process.env['MILLWRIGHT_SIMULATED_PORTS'] = rack.folder
  site = await startSite()
  people = await People.of(site)
  ;[board, blank, stranger] = rack.boards as [TestBoard, TestBoard, TestBoard]
  northId = (await site.local.get(`${api}/tenants`)).json.tenants[0].id
  southId = (await site.engine.createTenant({ slug: 'south', name: 'South' })).id
  ana = await people.api(await people.add('tenant_admin', northId))
  bundleId = await importSimFirmware(site.local)
  const network = { ssid: 'PLANT-IOT', password: 'open sesame 7', tenant: northId }
  wifiId = (await site.local.post(`${api}/bench/wifi-networks`, network)).json.id
  const setup = { bundleId, wifiId, startByItself: false, tenant: northId }
  const runId = await openRun(site.local, setup)
  await site.local.post(`${api}/bench/runs/${runId}/boards`, { port: await board.path() })
  ;[gatewayJob] = (await ended(site.local, runId, 1)) as [FlashJob]
  const mac = stranger.options.mac
  await site.local.post(`${api}/gateways/provision`, {
    code: 'S1',
    name: 'S1',
    mac_address: mac,
    tenant: southId,
  })
})
afterAll(async () => {
  await people.close()
  await site.stop()
  await rack.stop()
})

/** Has one thing done with a board, and waits for its end. */
async function act(on: TestBoard, action: Record<string, unknown>, client = site.local): Promise<FlashJob> {
  const begun = await client.post(`${api}/bench/jobs`, { port: await on.path(), action, tenant: northId })
  if (begun.status !== 201) throw new Error(begun.text)
  return over(begun.json.id)
}

/** Waits until the site has noticed where a board is plugged in. @returns its port */
async function seen(on: TestBoard): Promise<string> {
  const port = await eventually(() => on.path().catch(() => null), 'the board')
  return eventually(async () => {
    const { ports } = (await site.local.get(`${api}/bench/ports`)).json
    return ports.some((one: { path: string }) => one.path === port) ? port : null
  }, 'the port')
}

function over(jobId: string): Promise<FlashJob> {
  return eventually(async () => {
    const { job } = (await site.local.get(`${api}/bench/jobs/${jobId}`)).json
    return job.state === 'running' ? null : job
  }, 'the end of a job')
}

async function upload(bytes: Uint8Array): Promise<string> {
  const headers = { 'content-type': 'application/octet-stream' }
  const answer = await site.local.post(`${api}/bench/files?name=x.bin`, Buffer.from(bytes), headers)
  expect(answer).toMatchObject({ status: 201, json: { bytes: bytes.length, sha256: sha256(bytes) } })
  return answer.json.uploadId
}

const mwOf = (flash: Buffer) => readNvs(new Uint8Array(flash.subarray(nvs.from, nvs.to))).namespaces

test('a board tells who it is, without anything written', async () => {
  const before = await blank.flash()
  const job = await act(blank, { kind: 'identify' })
  expect(job).toMatchObject({
    state: 'passed',
    gateway: null,
    board: { chip: 'ESP32', flashSize: MB, mac: blank.options.mac },
  })
  expect((await blank.flash()).equals(before)).toBe(true)
})

test('a file is written where it is to be; a backup is the flash, and brings it back', async () => {
  const file = randomBytes(10_001)
  const written = await act(blank, { kind: 'write', uploadId: await upload(file), offset: 0x20000 })
  expect(written).toMatchObject({ state: 'passed', regions: [{ offset: 0x20000, name: 'file' }] })
  const flash = await blank.flash()
  expect(flash.subarray(0x20000, 0x20000 + file.length).equals(file)).toBe(true)

  const backup = await act(blank, { kind: 'backup' })
  expect(backup).toMatchObject({
    state: 'passed',
    file: { bytes: MB, name: expect.stringMatching(/^[0-9a-f-]{17}-.*\.bin$/) },
  })
  const fetched = await site.local.get(`${api}/bench/jobs/${backup.id}/file`)
  expect([fetched.status, fetched.bytes.equals(flash)]).toEqual([200, true])
  expect(fetched.headers['cache-control']).toBe('private, no-store')
  const [sealed = ''] = await readdir(join(site.dataDir, 'bench', 'backups'))
  expect(
    (await readFile(join(site.dataDir, 'bench', 'backups', sealed))).includes(file.subarray(0, 64)),
  ).toBe(false)

  expect(await act(blank, { kind: 'erase' })).toMatchObject({ state: 'passed' })
  expect((await blank.flash()).every((byte) => byte === 0xff)).toBe(true)
  expect(await act(blank, { kind: 'restore', uploadId: await upload(fetched.bytes) })).toMatchObject({
    state: 'passed',
  })
  expect((await blank.flash()).equals(flash)).toBe(true)
  const { entries } = (await site.local.get(`${api}/audit?action=flash_job.download`)).json
  expect(entries).toHaveLength(1)
})

test('what does not fit is refused before anything is erased', async () => {
  const before = await blank.flash()
  const large = await upload(new Uint8Array(MB + 4))
  expect(await act(blank, { kind: 'restore', uploadId: large })).toMatchObject({
    error: { code: 'flash_too_small' },
  })
  const end = { kind: 'write', uploadId: await upload(randomBytes(5_000)), offset: MB - 4096 }
  expect(await act(blank, end)).toMatchObject({ state: 'failed', error: { code: 'flash_too_small' } })
  expect(await act(blank, { kind: 'firmware', bundleId })).toMatchObject({ error: { code: 'nvs_moved' } })
  expect(await act(blank, { kind: 'settings', wifiId: null })).toMatchObject({ error: { code: 'not_found' } })
  expect((await blank.flash()).equals(before)).toBe(true)
})

test('firmware alone leaves the settings; the gateway is online again', async () => {
  const before = await board.flash()
  const job = await act(board, { kind: 'firmware', bundleId })
  expect(job).toMatchObject({ state: 'passed', gateway: { code: 'GW001', again: true } })
  const after = await board.flash()
  expect(mwOf(after)['mw']?.['cert']).toEqual(mwOf(before)['mw']?.['cert'])
  await board.until(({ gateway }) => gateway?.broker === 'connected')
})

test('settings alone: a new credential and Wi-Fi, everything else of NVS stays', async () => {
  const flash = await board.flash()
  const calibration = { type: 'blob' as const, value: new Uint8Array(randomBytes(1_900)) }
  const own = { type: 'u8' as const, value: 7 }
  const found = mwOf(flash)
  const used = buildNvs(
    { phy: { cal_data: calibration }, ...found, mw: { ...found['mw'], plant_own: own } },
    { size: 0x6000 },
  )
  flash.set(used, nvs.from)
  await board.load(flash)
  const other = { ssid: 'HALL-2', password: 'another one 8', tenant: northId }
  const second = (await site.local.post(`${api}/bench/wifi-networks`, other)).json.id

  // Pulled while it is written: the old credential counts, and the board can be done again.
  await board.fault({ unplugAt: 11_000 })
  const pulled = await act(board, { kind: 'settings', wifiId: second })
  expect(pulled).toMatchObject({ state: 'failed', committed: false, error: { code: 'port_lost' } })
  const serialOf = async () => (await site.local.get(`${api}/gateways/GW001`)).json.certificate.serial
  expect(await serialOf()).toBe(gatewayJob.serial)
  await board.fault(null)
  await board.plug()
  await seen(board)
  expect((await site.local.post(`${api}/bench/jobs/${pulled.id}/retry`)).status).toBe(200)
  const again = await over(pulled.id)
  expect(again).toMatchObject({ state: 'passed', committed: true, attempt: 2, error: null })
  const { phy, mw } = mwOf(await board.flash())
  expect(Buffer.from(phy?.['cal_data']?.value as Uint8Array)).toEqual(Buffer.from(calibration.value))
  expect(mw?.['plant_own']).toEqual(own)
  expect(Buffer.from(mw?.['wifi']?.value as Uint8Array).toString()).toBe(
    '[{"ssid":"HALL-2","psk":"another one 8"}]',
  )
  expect([await serialOf(), again.serial]).toEqual([
    again.serial,
    expect.not.stringMatching(gatewayJob.serial ?? ''),
  ])
})

test('the board of another tenant tells who it is, and nothing that it holds', async () => {
  expect(await act(stranger, { kind: 'identify' })).toMatchObject({ state: 'passed', gateway: null })
  for (const action of [{ kind: 'backup' }, { kind: 'erase' }, { kind: 'settings', wifiId: null }]) {
    const job = await act(stranger, action)
    expect(job).toMatchObject({ state: 'failed', gateway: null, error: { code: 'mac_taken' } })
    expect(job.error?.message).not.toMatch(/S1|South/)
  }
})

test('uploads and networks are for those they belong to', async () => {
  const uploadId = await upload(randomBytes(16))
  const port = await blank.path()
  const act = (action: Parameters<Api['bench']['act']>[0]['action']) => ana.bench.act({ port, action })
  await expect(act({ kind: 'restore', uploadId })).rejects.toMatchObject({ code: 'file_missing' })
  const foreign = { ssid: 'SOUTH', password: '', tenant: southId }
  const { id } = (await site.local.post(`${api}/bench/wifi-networks`, foreign)).json
  await expect(act({ kind: 'settings', wifiId: id })).rejects.toMatchObject({ code: 'not_found' })
  const setup = { port, wifiId: id, tenant: northId }
  expect((await site.local.post(`${api}/bench/serial-setup`, setup)).status).toBe(404)
})

test('a cancelled job lets its port go', async () => {
  await blank.fault({ slowErase: 20_000 })
  const port = await blank.path()
  const { id } = await ana.bench.act({ port, action: { kind: 'erase' } })
  await eventually(
    async () => ((await ana.bench.job({ jobId: id })).job.step === 'erasing' ? true : null),
    'the erase',
  )
  await expect(ana.bench.act({ port, action: { kind: 'identify' } })).rejects.toMatchObject({
    code: 'port_busy',
  })
  expect(await ana.bench.cancel({ jobId: id })).toMatchObject({
    state: 'cancelled',
    error: { code: 'flash_cancelled' },
  })
  await blank.fault(null)
  expect(await act(blank, { kind: 'identify' })).toMatchObject({ state: 'passed' })
})

test('a monitor shows what a board says and what it means, for one listener', async () => {
  const port = await board.path()
  const leave = new AbortController()
  const events = await ana.bench.monitor({ port, reset: true }, { signal: leave.signal })
  const opened = await events.next()
  if (opened.done === true || opened.value.event !== 'open') throw new Error('it did not open')
  const { monitorId } = opened.value
  await expect(ana.bench.monitor({ port })).rejects.toMatchObject({ code: 'port_busy' })
  const ben = await people.api(await people.add('tenant_admin', northId))
  const hello = { monitorId, text: 'MW {"id":1,"do":"hello"}' }
  await expect(ben.bench.sendToBoard(hello)).rejects.toMatchObject({ code: 'not_found' })
  expect(await ana.bench.sendToBoard(hello)).toEqual({ sent: true })
  const heard = new Map<string | null, Record<string, string | number>>()
  for await (const event of events) {
    if (event.event !== 'lines') break
    for (const { meaning, data } of event.lines) heard.set(meaning, data)
    if (heard.has('broker_connected')) break
  }
  expect(heard.get('wifi_connecting')).toEqual({ ssid: 'HALL-2' })
  expect(heard.get('reset')).toMatchObject({ cause: 'power' })
  leave.abort()
  // The port is free for the next one at once, who is told when it goes.
  const next = await eventually(() => ana.bench.monitor({ port }).catch(() => null), 'the port')
  await next.next()
  await board.unplug()
  let last: { event: string; code?: string } = { event: '' }
  for await (const event of next) last = event
  expect(last).toMatchObject({ event: 'closed', code: 'port_lost' })
  await board.plug()
  const { entries } = (await site.local.get(`${api}/audit?action=bench.send`)).json
  expect(JSON.stringify(entries)).not.toContain('hello')
})

test('a running board gets its Wi-Fi over the serial line, or says why not', async () => {
  const port = await seen(board)
  const done = await ana.bench.setUpOverSerial({ port, wifiId })
  expect(done).toEqual({
    way: 'gateway',
    firmware: 'millwright-gateway',
    version: '1.0.0',
    chip: 'ESP32',
    url: null,
  })
  expect(Buffer.from(mwOf(await board.flash())['mw']?.['wifi']?.value as Uint8Array).toString()).toContain(
    'PLANT-IOT',
  )
  const { id } = await ana.bench.addWifi({ ssid: 'bad-psk', password: 'not the right one' })
  await expect(ana.bench.setUpOverSerial({ port, wifiId: id })).rejects.toMatchObject({
    code: 'setup_failed',
  })
})

test('results, labels and log of a run are files', async () => {
  const { runId, id, port } = gatewayJob
  const csv = await site.local.get(`${api}/bench/runs/${runId}/results.csv`)
  expect(csv.headers['content-disposition']).toMatch(/^attachment; filename="bench-.*\.csv"$/)
  expect(csv.text.split('\r\n')[1]).toContain(`,${port.name},passed,,GW001,`)
  const pdf = await site.local.get(`${api}/bench/runs/${runId}/results.pdf`)
  expect([pdf.headers['content-type'], pdf.text.slice(0, 5)]).toEqual(['application/pdf', '%PDF-'])
  const zpl = await site.local.get(`${api}/bench/runs/${runId}/labels?format=zpl`)
  expect(zpl.text).toMatch(/^\^XA[\s\S]*GW001/)
  const log = await site.local.get(`${api}/bench/jobs/${id}/log`)
  expect(log.text).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z  board  mw: broker connected$/m)
})
