import { createHash, createPublicKey, generateKeyPairSync } from 'node:crypto'
import { resolve } from 'node:path'
import { expect, test } from 'vitest'
import { openFolderSource } from './folder-source.ts'
import { MemoryParts } from './part-store.ts'
import { readBundle } from './read-bundle.ts'
import { rawPublicKey, signManifest } from './signature.ts'
import {
  type BundleFiles,
  bundleFiles,
  publisherKey,
  readZip,
  type TestManifest,
  zipOf,
} from './testing/bundle-files.ts'
import { partitionTableFile } from './testing/partition-table-file.ts'

const app = 'esp32/app.bin'
const bootloader = 'esp32/bootloader.bin'
const table = 'esp32/partition-table.bin'

test('a folder is read: three chips, their parts, partitions and who signed it', async () => {
  const source = await openFolderSource(resolve(import.meta.dirname, '../../resources/firmware/sim-gateway'))
  const store = new MemoryParts()
  const { facts } = await readBundle(source, { store, signal: AbortSignal.timeout(10_000) })
  expect(facts).toMatchObject({
    name: 'Simulated gateway',
    version: '1.0.0',
    kind: 'gateway',
    makesKeys: true,
    isSimulated: true,
    skippedChips: [],
    signer: rawPublicKey(createPublicKey(publisherKey)),
  })
  expect(facts.builds.map(({ chip }) => chip)).toEqual(['ESP32', 'ESP32-S3', 'ESP32-C3'])
  const [esp32, s3] = facts.builds
  expect(esp32?.parts.map(({ name, role, offset }) => [name, role, offset])).toEqual([
    ['bootloader', 'bootloader', 0x1000],
    ['partition table', 'partition_table', 0x8000],
    ['otadata', 'data', 0xf000],
    ['ota_0', 'app', 0x20000],
  ])
  expect(s3?.parts[0]?.offset).toBe(0)
  expect(esp32?.nvs).toEqual({ label: 'nvs', offset: 0x9000, size: 0x6000 })
  expect(esp32?.partitions.map(({ label }) => label)).toEqual([
    'nvs',
    'otadata',
    'phy_init',
    'ota_0',
    'ota_1',
  ])
  expect(esp32?.app).toEqual({ project: 'sim-gateway', version: '1.0.0', idf: 'none' })
  expect(esp32?.flashSize).toBe(0x3a0000)
  for (const { sha256, size } of facts.builds.flatMap(({ parts }) => parts)) {
    const bytes = await store.bytes(sha256)
    expect(bytes.length).toBe(size)
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(sha256)
  }
})

test('a ZIP is read, also with everything in a folder, and its hashes are worked out where it has none', async () => {
  const plain = await readZip(await zipOf(bundleFiles()))
  expect(plain.facts.signer).toBeNull()
  expect(plain.facts.builds[0]?.parts[3]?.sha256).toMatch(/^[0-9a-f]{64}$/)
  const inFolder = new Map([...bundleFiles()].map(([path, content]) => [`sim-1.0/${path}`, content]))
  const nested = await readZip(await zipOf(inFolder))
  expect(nested.facts).toEqual(plain.facts)
})

test('one merged image from the start of the flash is taken apart by its partition table', async () => {
  const files = bundleFiles({
    manifest: (manifest) => withParts(manifest, [{ path: 'merged.bin', offset: 0 }]),
  })
  const merged = Buffer.alloc(0x20000 + 0x10000, 0xff)
  files.get(bootloader)?.copy(merged, 0x1000)
  files.get(table)?.copy(merged, 0x8000)
  files.get(app)?.copy(merged, 0x20000)
  files.set('merged.bin', merged)
  const { facts } = await readZip(await zipOf(files))
  expect(facts.builds[0]?.parts.map(({ role }) => role)).toEqual(['merged'])
  expect(facts.builds[0]?.app?.project).toBe('sim-gateway')
})

test('builds for chips that are not flashed are named and left out', async () => {
  const esp8266 = { chipFamily: 'ESP8266', parts: [{ path: 'no.bin', offset: 0 }] }
  const files = bundleFiles({
    manifest: ({ builds, ...rest }) => ({ ...rest, builds: [...builds, esp8266] }),
  })
  const { facts } = await readZip(await zipOf(files))
  expect([facts.skippedChips, facts.builds.length]).toEqual([['ESP8266'], 1])
})

function withParts(manifest: TestManifest, parts: TestManifest['builds'][number]['parts']): TestManifest {
  const [build] = manifest.builds
  return { ...manifest, builds: [{ ...build!, parts }] }
}

function moved(manifest: TestManifest, path: string, offset: number): TestManifest {
  const parts = manifest.builds[0]!.parts.map((part) => (part.path === path ? { ...part, offset } : part))
  return withParts(manifest, parts)
}

function edited(files: BundleFiles, path: string, edit: (content: Buffer) => Buffer | undefined): void {
  const copy = Buffer.from(files.get(path)!)
  files.set(path, edit(copy) ?? copy)
}

const flip = (at: number) => (content: Buffer) => {
  content.writeUInt8(content.readUInt8(at) ^ 1, at)
  return content
}

type Change = Parameters<typeof bundleFiles>[0]

const refused: [name: string, change: Change, expected: { code: string; data?: object }][] = [
  ['no manifest', { files: (f) => f.delete('manifest.json') }, { code: 'bundle_manifest_missing' }],
  [
    'two manifests side by side',
    {
      files: (f) =>
        f
          .set('a/manifest.json', f.get('manifest.json')!)
          .set('b/manifest.json', Buffer.from('{}'))
          .delete('manifest.json'),
    },
    { code: 'bundle_manifest_missing' },
  ],
  [
    'a manifest that is no JSON',
    { files: (f) => f.set('manifest.json', Buffer.from('{"name":')) },
    { code: 'bundle_manifest_invalid' },
  ],
  [
    'a wrong field, by its name',
    { manifest: (m) => moved(m, app, '0x10000' as never) },
    {
      code: 'bundle_manifest_invalid',
      data: { issues: expect.stringContaining('builds[0].parts[3].offset: ') },
    },
  ],
  [
    'a manifest of half a megabyte',
    { manifest: (m) => ({ ...m, note: 'x'.repeat(512 * 1024) }) },
    { code: 'bundle_too_large' },
  ],
  [
    'one chip twice',
    { manifest: (m) => ({ ...m, builds: [...m.builds, ...m.builds] }) },
    { code: 'bundle_manifest_invalid', data: { issues: 'builds[1].chipFamily: ESP32 is there twice' } },
  ],
  [
    'only chips of another maker',
    { manifest: (m) => ({ ...m, builds: [{ ...m.builds[0], chipFamily: 'ESP8266' }] }) },
    { code: 'bundle_chips_unsupported', data: { chips: 'ESP8266' } },
  ],
  [
    'a part that is not there',
    { files: (f) => f.delete(app) },
    { code: 'bundle_part_missing', data: { path: app } },
  ],
  ['an empty part', { files: (f) => f.set(app, Buffer.alloc(0)) }, { code: 'bundle_part_empty' }],
  ...['../app.bin', '/etc/passwd', 'C:\\app.bin', 'https://example.com/app.bin', 'a\0b', 'x/../../y'].map(
    (path): (typeof refused)[number] => [
      `the path ${JSON.stringify(path)}`,
      { manifest: (m) => withParts(m, [{ path, offset: 0x10000 }]) },
      { code: 'bundle_path_refused' },
    ],
  ),
  [
    'a part that was cut off, where the manifest has its size',
    { sign: true, files: (f) => edited(f, app, (content) => content.subarray(0, 1000)) },
    { code: 'bundle_part_changed', data: { path: app, field: 'size', actual: 1000 } },
  ],
  [
    'a changed byte, where the manifest has the hash',
    { sign: true, files: (f) => edited(f, app, flip(20_000)) },
    { code: 'bundle_part_changed', data: { field: 'SHA-256' } },
  ],
  [
    'a cut-off app without hash',
    { files: (f) => edited(f, app, (content) => content.subarray(0, content.length - 10)) },
    { code: 'bundle_image_truncated', data: { missing: 10 } },
  ],
  [
    'a changed app without hash',
    { files: (f) => edited(f, app, flip(20_000)) },
    { code: 'bundle_image_damaged' },
  ],
  ['text as app', { files: (f) => f.set(app, Buffer.from('hello')) }, { code: 'bundle_image_none' }],
  [
    'the app of another chip',
    { files: (f) => f.set(app, f.get('esp32-s3/app.bin')!) },
    { code: 'bundle_image_other_chip', data: { part: app, actual: 'ESP32-S3', wanted: 'ESP32' } },
  ],
  [
    'the app of another chip in the second place',
    {
      manifest: (m) => withParts(m, [...m.builds[0]!.parts, { path: 'ota1.bin', offset: 0x1e0000 }]),
      files: (f) => f.set('ota1.bin', f.get('esp32-s3/app.bin')!),
    },
    { code: 'bundle_image_other_chip', data: { part: 'ota1.bin', actual: 'ESP32-S3' } },
  ],
  [
    'an app of its own file that begins as erased flash does',
    {
      manifest: (m) => withParts(m, [...m.builds[0]!.parts, { path: 'ota1.bin', offset: 0x1e0000 }]),
      files: (f) => f.set('ota1.bin', Buffer.alloc(5000, 0xff)),
    },
    { code: 'bundle_image_none' },
  ],
  [
    'the bootloader of another chip',
    { files: (f) => f.set(bootloader, f.get('esp32-c3/bootloader.bin')!) },
    { code: 'bundle_image_other_chip', data: { actual: 'ESP32-C3' } },
  ],
  [
    'a bootloader where another chip has it',
    { manifest: (m) => moved(m, bootloader, 0) },
    { code: 'bundle_bootloader_missing', data: { chip: 'ESP32', offset: '0x1000' } },
  ],
  [
    'no bootloader',
    {
      manifest: (m) =>
        withParts(
          m,
          m.builds[0]!.parts.filter(({ path }) => path !== bootloader),
        ),
    },
    { code: 'bundle_bootloader_missing', data: { offset: '0x1000' } },
  ],
  [
    'no app',
    {
      manifest: (m) =>
        withParts(
          m,
          m.builds[0]!.parts.filter(({ path }) => path !== app),
        ),
    },
    { code: 'bundle_app_missing' },
  ],
  [
    'no partition table',
    {
      manifest: (m) =>
        withParts(
          m,
          m.builds[0]!.parts.filter(({ path }) => path !== table),
        ),
    },
    { code: 'bundle_partition_table_missing' },
  ],
  [
    'parts that overlap',
    { files: (f) => f.set(bootloader, Buffer.concat([f.get(bootloader)!, Buffer.alloc(0x7000)])) },
    { code: 'parts_overlap', data: { first: bootloader, second: table } },
  ],
  [
    'parts in one flash sector',
    { manifest: (m) => moved(m, 'esp32/otadata.bin', 0x1f000) },
    { code: 'parts_overlap' },
  ],
  [
    'an offset inside a sector',
    { manifest: (m) => moved(m, app, 0x20010) },
    { code: 'bundle_offset_unaligned' },
  ],
  [
    'a part between partitions',
    { manifest: (m) => moved(m, app, 0x18000) },
    { code: 'bundle_part_misplaced', data: { part: app, offset: '0x18000' } },
  ],
  [
    'an app that its partition has no room for',
    {
      files: (f) =>
        f.set(
          table,
          partitionTableFile([
            { label: 'nvs', type: 1, subtype: 2, offset: 0x9000, size: 0x6000 },
            { label: 'otadata', type: 1, subtype: 0, offset: 0xf000, size: 0x2000 },
            { label: 'ota_0', type: 0, subtype: 0x10, offset: 0x20000, size: 0x1000 },
          ]),
        ),
    },
    { code: 'bundle_partition_exceeded', data: { partition: 'ota_0', size: 4096 } },
  ],
  [
    'settings over the partition table',
    {
      files: (f) =>
        f.set(
          table,
          partitionTableFile([
            { label: 'nvs', type: 1, subtype: 2, offset: 0x8000, size: 0x6000 },
            { label: 'ota_0', type: 0, subtype: 0x10, offset: 0x20000, size: 0x100000 },
          ]),
        ),
    },
    { code: 'partition_table_invalid' },
  ],
  [
    'a gateway without room for its settings',
    {
      files: (f) =>
        f.set(
          table,
          partitionTableFile([
            { label: 'otadata', type: 1, subtype: 0, offset: 0xf000, size: 0x2000 },
            { label: 'ota_0', type: 0, subtype: 0x10, offset: 0x20000, size: 0x100000 },
          ]),
        ),
    },
    { code: 'bundle_nvs_missing', data: { partition: 'nvs' } },
  ],
  [
    'a signature over another manifest',
    { sign: true, files: (f) => edited(f, 'manifest.json', (text) => Buffer.from(`${text} `)) },
    { code: 'bundle_signature_broken' },
  ],
  [
    'a signature by another key than it says',
    {
      sign: true,
      files: (f) =>
        edited(f, 'signature.json', (text) => {
          const other = rawPublicKey(generateKeyPairSync('ed25519').publicKey)
          return Buffer.from(JSON.stringify({ ...JSON.parse(String(text)), publicKey: other }))
        }),
    },
    { code: 'bundle_signature_broken' },
  ],
  [
    'a signature that is none',
    { sign: true, files: (f) => f.set('signature.json', Buffer.from('{}')) },
    { code: 'bundle_signature_broken' },
  ],
  [
    'a signature that leaves parts out',
    {
      files: (f) => f.set('signature.json', Buffer.from(signManifest(f.get('manifest.json')!, publisherKey))),
    },
    { code: 'bundle_signature_broken', data: { cause: expect.stringContaining('does not cover') } },
  ],
]

test.each(refused)('refused: %s', async (_, change, expected) => {
  await expect(readZip(await zipOf(bundleFiles(change)))).rejects.toMatchObject(expected)
})
