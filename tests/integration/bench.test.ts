import { execFileSync } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { FlashJob } from '#contract/model/flash.ts'
import { readNvs } from '#firmware/nvs/index.ts'
import { ended, importSimFirmware, openRun } from '#tests/fixtures/bench.ts'
import { startBoards, type TestBoards } from '#tests/fixtures/boards.ts'
import { mosquittoPub } from '#tests/fixtures/mosquitto.ts'
import { startSite, type TestSite } from '#tests/fixtures/site.ts'

const api = '/api/v1'
const COUNT = 16
/** What goes wrong with which board. */
const faults = [{ unplugAt: 30_000 }, { wrongMd5: 'once' as const }, { deafTries: 1_000 }]

let site: TestSite
let boards: TestBoards
let bundleId: string
let scratch: string

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'mw-bench-'))
  boards = await startBoards(COUNT, { each: (index) => ({ faults: faults[index] ?? {} }) })
  process.env['MILLWRIGHT_SIMULATED_PORTS'] = boards.folder
  site = await startSite()
  bundleId = await importSimFirmware(site.local)
})
afterAll(async () => {
  await site.stop()
  await boards.stop()
  await rm(scratch, { recursive: true, force: true })
})

/** The settings that a board holds. */
async function settingsOf(index: number) {
  const flash = await boards.boards[index]?.flash()
  const { namespaces } = readNvs(new Uint8Array(flash?.subarray(0x9000, 0x9000 + 0x6000) ?? []))
  const mw = namespaces['mw'] ?? {}
  const text = (key: string) => Buffer.from((mw[key]?.value ?? '') as Uint8Array).toString()
  return { mw, cert: text('cert'), key: text('key'), ca: text('ca') }
}

const byText = (a: string, b: string) => (a < b ? -1 : 1)
const macOf = (job: FlashJob) => job.board?.mac

test('sixteen boards become gateways at once; three fail, and pass on "retry failed"', async () => {
  const wifi = await site.local.post(`${api}/bench/wifi-networks`, {
    ssid: 'PLANT-IOT',
    password: 'open sesame 7',
  })
  const check = { channel: 'temperature', least: 10, most: 40 }
  const runId = await openRun(site.local, { bundleId, wifiId: wifi.json.id, check, expected: COUNT })
  const first = await ended(site.local, runId, COUNT)
  const failed = first.filter(({ state }) => state !== 'passed')
  const faulty = boards.boards.slice(0, 3)
  expect(failed.map(({ error, step }) => `${error?.code} ${step}`).toSorted(byText)).toEqual([
    'board_silent connecting',
    'port_lost writing',
    'verify_failed verifying',
  ])
  // Of what failed before it counted, the fleet has no trace.
  const before = (await site.local.get(`${api}/gateways`)).json.gateways
  expect(before).toHaveLength(COUNT - 3)

  for (const board of faulty) await board.fault(null)
  await faulty[0]?.plug()
  const jobs = await (async () => {
    const lost = failed.find(({ error }) => error?.code === 'port_lost')
    await expect
      .poll(async () => {
        const { ports } = (await site.local.get(`${api}/bench/ports`)).json
        return ports.find((port: { identity: string }) => port.identity === lost?.port.identity)?.access.state
      })
      .toBe('free')
    // Plugged in again it begins by itself; the others are retried.
    await site.local.post(`${api}/bench/runs/${runId}/retry`, {})
    return ended(site.local, runId, COUNT)
  })()
  const newest = new Map(jobs.map((job) => [macOf(job) ?? job.id, job]))
  expect([...newest.values()].map(({ state }) => state)).toEqual(
    Array.from({ length: COUNT }, () => 'passed'),
  )
  const { run } = (await site.local.get(`${api}/bench/runs/${runId}`)).json
  expect(run.counts).toEqual({ passed: COUNT, failed: 0, running: 0, skipped: 0 })

  const { gateways } = (await site.local.get(`${api}/gateways`)).json
  expect(gateways).toHaveLength(COUNT)
  expect(new Set(gateways.map((one: { code: string }) => one.code))).toEqual(
    new Set(Array.from({ length: COUNT }, (_, index) => `GW${String(index + 1).padStart(3, '0')}`)),
  )
  expect(
    gateways.every((one: { online: boolean; state: string }) => one.online && one.state === 'active'),
  ).toBe(true)
  const serials = new Set(gateways.map((one: { certificate: { serial: string } }) => one.certificate.serial))
  expect(serials.size).toBe(COUNT)
  for (const [index, { options }] of boards.boards.entries()) {
    const { cert, mw } = await settingsOf(index)
    const gateway = gateways.find((one: { mac: string }) => one.mac === options.mac)
    const leaf = new X509Certificate(cert)
    expect(leaf.serialNumber.toLowerCase()).toBe(gateway.certificate.serial)
    expect(mw['id']?.value).toBe(gateway.id)
    const { channels } = (await site.local.get(`${api}/channels?gateway=${gateway.id}`)).json
    expect(channels.some(({ latest }: { latest: unknown }) => latest !== null)).toBe(true)
  }
  const entries = (await site.local.get(`${api}/audit?action=flash_job.end&limit=100`)).json.entries
  expect(entries.length).toBeGreaterThanOrEqual(COUNT + 3)
  await site.local.post(`${api}/bench/runs/${runId}/stop`, {})
})

test('certificate and key of a flash dump serve openssl and mosquitto_pub; the birth record holds outside of the site', async () => {
  const index = 5
  const { cert, key, ca, mw } = await settingsOf(index)
  const file = async (name: string, text: string) => {
    const path = join(scratch, name)
    await writeFile(path, text)
    return path
  }
  // The key is in the board and nowhere else; nor is the password of the network in any file of the site.
  const secrets = [key.split('\n')[1] ?? 'no key', 'open sesame 7']
  for (const entry of await readdir(site.dataDir, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue
    // The site is at work: what it writes beside a file and then renames may be gone by now.
    const bytes = await readFile(join(entry.parentPath, entry.name)).catch((error) => {
      if (error.code === 'ENOENT' && entry.name.endsWith('.tmp')) return Buffer.alloc(0)
      throw error
    })
    for (const secret of secrets) expect([entry.name, bytes.includes(secret)]).toEqual([entry.name, false])
  }
  const [leafPem = '', issuerPem = ''] =
    cert.match(/-----BEGIN CERTIFICATE-----[^]+?-----END CERTIFICATE-----\n?/g) ?? []
  const files = {
    cert: await file('client.crt', cert),
    leaf: await file('leaf.crt', leafPem),
    issuer: await file('issuer.crt', issuerPem),
    key: await file('client.key', key),
    ca: await file('ca.crt', ca),
  }
  const verified = execFileSync('openssl', [
    'verify',
    '-CAfile',
    files.ca,
    '-untrusted',
    files.issuer,
    files.leaf,
  ])
  expect(verified.toString()).toContain('OK')
  const port = Number(new URL(site.addresses.mqtts[0] ?? '').port)
  const wire = String(mw['mac']?.value).replaceAll(':', '')
  // The board itself is connected by this name: unplugged, it makes room.
  await boards.boards[index]?.unplug()
  const credentials = { ...files, port, clientId: wire, telemetryTopic: `mw/${wire}/telemetry` }
  const published = await mosquittoPub(credentials as never, { message: '{"values":{"from_dump":7}}' })
  expect(published).toMatchObject({ code: 0 })
  expect(published.acknowledgedAt).not.toBeNull()

  const birth = (await site.local.get(`${api}/gateways/${String(mw['id']?.value)}/birth-record`)).json
  const record = JSON.parse(birth.record)
  expect(record).toMatchObject({
    gateway: { mac: mw['mac']?.value },
    certificate: { serial: expect.any(String) },
  })
  expect(birth.record).not.toContain('PRIVATE')
  const args = [
    ['pkeyutl', '-verify', '-rawin', '-pubin', '-inkey', await file('birth.pem', birth.publicKey)],
    ['-in', await file('record.json', birth.record)],
    ['-sigfile', join(scratch, 'record.sig')],
  ].flat()
  await writeFile(join(scratch, 'record.sig'), Buffer.from(birth.signature, 'base64'))
  expect(execFileSync('openssl', args).toString()).toContain('Verified Successfully')
  await writeFile(join(scratch, 'record.json'), birth.record.replace('"passed"', '"failed"'))
  expect(() => execFileSync('openssl', args, { stdio: 'ignore' })).toThrow()
})
