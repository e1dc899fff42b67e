import { createPublicKey, generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { beforeEach, expect, test, vi } from 'vitest'
import { createProcedures, wholeTenant } from '#features/access/index.ts'
import { AuditDraft, AuditService } from '#features/audit/index.ts'
import type { StoredAction } from '#features/flashing/index.ts'
import { TenantsService } from '#features/tenants/index.ts'
import { bundleFiles, publisherKey, readZip, zipOf } from '#firmware/bundle/testing/bundle-files.ts'
import { partitionTableFile } from '#firmware/bundle/testing/partition-table-file.ts'
import { openSiteDb, type SiteDb } from '#platform/db/site-db.ts'
import { createLog } from '#platform/log/log.ts'
import { createFirmwareServices } from './firmware-services.ts'

const clock = { now: () => 1_771_322_400_000 }
const site = { all: true } as const
const north = wholeTenant('north')
const south = wholeTenant('south')
const publicKey = createPublicKey(publisherKey).export({ type: 'spki', format: 'pem' }).toString()
const esp32 = 'ESP32' as const

let dir: string
let db: SiteDb
let firmware: ReturnType<typeof createFirmwareServices>

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'mw-firmware-'))
  db = await openSiteDb(':memory:')
  for (const id of ['north', 'south'])
    await db.insertInto('tenants').values({ id, slug: id, name: id, state: 'active', createdAt: 1 }).execute()
  firmware = create()
  await firmware.bundles.start()
  return async () => {
    await db.destroy()
    rmSync(dir, { recursive: true, force: true })
  }
})

function create() {
  const audit = new AuditService(db, clock, () => new Uint8Array(32))
  const tenants = new TenantsService(db, clock)
  const procedures = createProcedures({
    audit,
    calls: { take: () => {} } as never,
    isSetUp: () => true,
    log: createLog({ level: 'silent' }),
  })
  return createFirmwareServices(
    { dataDir: dir, db, clock, audit, tenants, transfers: {} as never },
    procedures,
  )
}

const draft = (): AuditDraft =>
  new AuditDraft({
    actor: { kind: 'local', id: null, name: 'Ana' },
    action: 'x',
    address: '',
    requestId: null,
  })
const kept = () => readdirSync(join(dir, 'firmware')).toSorted()

async function imported(
  scope: Parameters<typeof firmware.bundles.import>[0],
  change: Parameters<typeof bundleFiles>[0] = { sign: true },
  tenant?: string,
) {
  const file = join(dir, 'upload.zip')
  writeFileSync(file, await zipOf(bundleFiles(change)))
  return firmware.bundles.import(scope, { file, fileName: 'sim.zip', tenant }, draft())
}

/** A run of the bench that uses a bundle. */
async function run(bundleId: string, tenantId: string, state: 'open' | 'ended') {
  const row = { groupId: null, name: 'r', facts: '{}', nextNumber: 1, startedAt: 1, startedById: null }
  const id = `run of ${tenantId}`
  await db
    .insertInto('benchRuns')
    .values({
      ...row,
      id,
      tenantId,
      state,
      setup: JSON.stringify({ bundleId }),
      startedByName: 'Ana',
      endedAt: null,
    })
    .execute()
  const job = {
    tenantId,
    kind: 'gateway',
    port: '{}',
    portIdentity: 'x',
    step: 'waiting',
    state: 'passed',
  } as const
  await db
    .insertInto('flashJobs')
    .values({
      ...job,
      id: `job of ${tenantId}`,
      runId: id,
      startedAt: 1,
      startedById: null,
      startedByName: 'Ana',
    })
    .execute()
}

test('a bundle is taken in, listed, opened for a chip, and given back as it came', async () => {
  const bundle = await imported(site)
  expect(bundle).toMatchObject({
    tenant: null,
    name: 'Simulated gateway',
    trust: 'untrusted',
    chips: [esp32],
  })
  expect(bundle.importedBy).toBe('Ana')
  expect(kept()).toEqual(bundle.builds[0]?.parts.map(({ sha256 }) => sha256).toSorted())
  const [listed] = await firmware.bundles.list(north, undefined)
  expect(listed).toMatchObject({ id: bundle.id, jobs: 0, openRuns: 0 })

  const opened = await firmware.bundles.open(bundle.id, esp32, '3.1')
  expect(opened.parts.map(({ name, offset }) => [name, offset])).toEqual([
    ['bootloader', 0x1000],
    ['partition table', 0x8000],
    ['otadata', 0xf000],
    ['ota_0', 0x20000],
  ])
  expect(opened.nvs).toEqual({ label: 'nvs', offset: 0x9000, size: 0x6000, isEncrypted: false })
  expect(opened.signature).toMatch(/^signed by an unknown publisher \([0-9a-f]{16}\)$/)
  await expect(firmware.bundles.open(bundle.id, 'ESP32-C6', null)).rejects.toMatchObject({
    code: 'bundle_lacks_chip',
  })

  const file = (path: string, offset = 0) =>
    firmware.bundles.filePart(north, { bundleId: bundle.id, path, offset }, draft())
  const part = await file('esp32/app.bin')
  expect(Buffer.from(part).equals(opened.parts[3]?.bytes ?? Buffer.alloc(0))).toBe(true)
  expect(await file('esp32/app.bin', part.length)).toHaveLength(0)
  expect(JSON.parse(Buffer.from(await file('manifest.json')).toString())).toMatchObject({ version: '1.0.0' })
  await expect(file('../site.sqlite')).rejects.toMatchObject({ code: 'not_found' })

  const { name, content } = await firmware.bundles.zip(north, bundle.id, draft())
  expect(name).toBe('simulated-gateway-1.0.0.zip')
  const again = await readZip(await buffer(content))
  expect(again.facts.contentHash).toBe(bundle.hash)
})

test('a bundle whose firmware encrypts its NVS says so', async () => {
  const lines = [
    { label: 'nvs', type: 1, subtype: 2, offset: 0x9000, size: 0x6000 },
    { label: 'otadata', type: 1, subtype: 0, offset: 0xf000, size: 0x2000 },
    { label: 'nvs_keys', type: 1, subtype: 4, offset: 0x11000, size: 0x1000 },
    { label: 'ota_0', type: 0, subtype: 0x10, offset: 0x20000, size: 0x100000 },
  ]
  const bundle = await imported(site, {
    files: (files) => files.set('esp32/partition-table.bin', partitionTableFile(lines)),
  })
  expect((await firmware.bundles.open(bundle.id, esp32, null)).nvs?.isEncrypted).toBe(true)
})

test('a disk that is too slow for a bundle is named', async () => {
  vi.spyOn(AbortSignal, 'timeout').mockReturnValue(AbortSignal.abort(new DOMException('', 'TimeoutError')))
  await expect(imported(site)).rejects.toMatchObject({ code: 'bundle_too_slow', data: { seconds: 60 } })
  expect(kept()).toEqual([])
})

test('with a tenant its bundles go, and what nobody else has of their files', async () => {
  const own = await imported(north)
  const other = await imported(south)
  const files = kept()
  await firmware.bundles.forgetTenant('north')
  expect(kept()).toEqual(files)
  await expect(
    db.transaction().execute((trx) => firmware.bundles.requireIn(trx, 'north', own.id)),
  ).rejects.toMatchObject({ code: 'not_found' })
  await db.transaction().execute((trx) => firmware.bundles.requireIn(trx, 'south', other.id))
  await firmware.bundles.forgetTenant('south')
  expect(kept()).toEqual([])
})

test('a bundle for other revisions of the chip is refused', async () => {
  const bundle = await imported(site, {
    manifest: (manifest) => {
      Object.assign(manifest.builds[0] ?? {}, { minimumRevision: '3.0', maximumRevision: '3.99' })
      return manifest
    },
  })
  const open = (revision: string | null) => firmware.bundles.open(bundle.id, esp32, revision)
  for (const revision of ['3.0', '3.1', null]) await expect(open(revision)).resolves.toBeDefined()
  for (const revision of ['1.0', '4.0'])
    await expect(open(revision)).rejects.toMatchObject({ code: 'bundle_lacks_chip' })
})

test('what a merged image holds where settings are is not written', async () => {
  const bundle = await imported(site, {
    manifest: (manifest) => ({
      ...manifest,
      builds: [{ ...manifest.builds[0], parts: [{ path: 'merged.bin', offset: 0 }] }],
    }),
    files: (files) => {
      const merged = Buffer.alloc(0x30000, 0xff)
      for (const [path, at] of [
        ['bootloader', 0x1000],
        ['partition-table', 0x8000],
        ['app', 0x20000],
      ] as const)
        files.get(`esp32/${path}.bin`)?.copy(merged, at)
      files.set('merged.bin', merged)
    },
  })
  const { parts } = await firmware.bundles.open(bundle.id, esp32, null)
  expect(parts.map(({ name, offset, bytes }) => [name, offset, bytes.length])).toEqual([
    ['merged image', 0, 0x9000],
    ['merged image (2)', 0xf000, 0x21000],
  ])
})

test('the bundle of one tenant does not exist for another; one of the site is not theirs to delete', async () => {
  const own = await imported(north)
  expect(own.tenant?.id).toBe('north')
  expect(await firmware.bundles.list(south, undefined)).toEqual([])
  await expect(firmware.bundles.show(south, own.id)).rejects.toMatchObject({ code: 'not_found' })
  await expect(firmware.bundles.remove(south, own.id, draft())).rejects.toMatchObject({ code: 'not_found' })
  await expect(imported(south, {}, 'north')).rejects.toMatchObject({ code: 'tenant_unknown' })
  const shared = await imported(site)
  await expect(firmware.bundles.remove(south, shared.id, draft())).rejects.toMatchObject({
    code: 'forbidden_reach',
  })
  await expect(imported(site)).rejects.toMatchObject({ code: 'bundle_known' })
})

test('files go with the last bundle that has them, and not while a run uses it', async () => {
  const one = await imported(north)
  const other = await imported(south)
  await run(one.id, 'north', 'open')
  expect(await firmware.bundles.show(north, one.id)).toMatchObject({ jobs: 1, openRuns: 1 })
  await expect(firmware.bundles.remove(north, one.id, draft())).rejects.toMatchObject({
    code: 'bundle_in_use',
  })
  await db.updateTable('benchRuns').set({ state: 'ended' }).execute()
  const files = kept()
  await firmware.bundles.remove(north, one.id, draft())
  expect(kept()).toEqual(files)
  await firmware.bundles.remove(south, other.id, draft())
  expect(kept()).toEqual([])
  const entries = await db.selectFrom('auditEntries').select('details').execute()
  expect(entries.map(({ details }) => JSON.parse(details))).toContainEqual({
    before: { name: one.name, version: one.version, hash: one.hash },
  })
})

test('a bundle that a single board is given is in use until its job ends', async () => {
  const { id: bundleId } = await imported(north)
  const order: StoredAction = { action: { kind: 'firmware', bundleId }, speed: 460_800 }
  await db
    .insertInto('flashJobs')
    .values({
      id: 'job',
      tenantId: 'north',
      runId: null,
      kind: 'firmware',
      port: '{}',
      portIdentity: 'x',
      state: 'running',
      step: 'writing',
      action: JSON.stringify(order),
      startedAt: 1,
      startedById: null,
      startedByName: 'Ana',
    })
    .execute()
  const use = () => firmware.bundles.show(north, bundleId)
  expect(await use()).toMatchObject({ jobs: 1 })
  const removed = () => firmware.bundles.remove(north, bundleId, draft())
  await expect(removed()).rejects.toMatchObject({ code: 'bundle_in_use' })
  await db.updateTable('flashJobs').set({ state: 'passed' }).execute()
  await removed()
})

test('of what was refused, or cut off by a power cut, no file is left', async () => {
  const bundle = await imported(site)
  const files = kept()
  const refused = imported(north, { files: (all) => all.set('esp32/app.bin', Buffer.from('hello')) })
  await expect(refused).rejects.toMatchObject({ code: 'bundle_image_none' })
  expect(kept()).toEqual(files)
  writeFileSync(join(dir, 'firmware', 'a.part'), 'x')
  writeFileSync(join(dir, 'firmware', '0'.repeat(64)), 'x')
  await create().bundles.start()
  expect(kept()).toEqual(files)
  const [part] = bundle.builds[0]?.parts ?? []
  const file = join(dir, 'firmware', part?.sha256 ?? '')
  const bytes = readFileSync(file)
  bytes.writeUInt8(bytes.readUInt8(9) ^ 1, 9)
  writeFileSync(file, bytes)
  await expect(firmware.bundles.open(bundle.id, esp32, null)).rejects.toMatchObject({ code: 'data_damaged' })
})

test('a signature counts for whoever trusts its publisher', async () => {
  const bundle = await imported(site)
  const added = await firmware.publishers.add(north, { name: 'Acme', publicKey }, draft())
  expect(await firmware.bundles.show(north, bundle.id)).toMatchObject({
    trust: 'signed',
    publisher: { id: added.id, name: 'Acme' },
  })
  expect((await firmware.bundles.show(south, bundle.id)).trust).toBe('untrusted')
  expect((await firmware.bundles.list(site, 'north'))[0]?.trust).toBe('signed')
  expect((await firmware.bundles.list(site, 'south'))[0]?.trust).toBe('untrusted')
  expect(await firmware.publishers.list(south, undefined)).toEqual([])
  await expect(firmware.publishers.remove(south, added.id, draft())).rejects.toMatchObject({
    code: 'not_found',
  })
  await firmware.publishers.remove(north, added.id, draft())
  expect((await firmware.bundles.show(north, bundle.id)).trust).toBe('untrusted')
})

test('a tenant that asks for signatures flashes nothing else', async () => {
  const signed = await imported(site)
  const unsigned = await imported(site, {})
  const change = (signedOnly: boolean) => firmware.publishers.change(north, { signedOnly }, draft())
  await expect(firmware.bundles.choose('north', unsigned.id)).resolves.toMatchObject({ trust: 'unsigned' })
  expect((await change(true)).signedOnly).toBe(true)
  await expect(firmware.bundles.choose('north', unsigned.id)).rejects.toMatchObject({
    code: 'bundle_unsigned',
  })
  await expect(firmware.bundles.open(unsigned.id, esp32, null, 'north')).rejects.toMatchObject({
    code: 'bundle_unsigned',
  })
  await expect(firmware.bundles.choose('north', signed.id)).rejects.toMatchObject({
    code: 'bundle_publisher_untrusted',
  })
  await firmware.publishers.add(site, { name: 'Acme', publicKey }, draft())
  await expect(firmware.bundles.choose('north', signed.id)).resolves.toMatchObject({ trust: 'signed' })
  await expect(firmware.bundles.choose('south', unsigned.id)).resolves.toMatchObject({ trust: 'unsigned' })
})

test('keys come as PEM or as their bytes; one stands once, and nothing else is taken', async () => {
  const add = (name: string, key: string) => firmware.publishers.add(north, { name, publicKey: key }, draft())
  const first = await add('Acme', publicKey)
  await expect(add('Again', first.publicKey)).rejects.toMatchObject({ code: 'publisher_known' })
  const pair = generateKeyPairSync('ed25519')
  const other = pair.publicKey.export({ type: 'spki', format: 'pem' }).toString()
  await expect(add('ACME', other)).rejects.toMatchObject({ code: 'publisher_name_taken' })
  const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({
    type: 'spki',
    format: 'pem',
  })
  const secret = pair.privateKey.export({ type: 'pkcs8', format: 'pem' })
  for (const key of ['hello', String(ec), String(secret), first.publicKey.slice(4)])
    await expect(add('Bad', key)).rejects.toMatchObject({ code: 'publisher_key_invalid' })
})
