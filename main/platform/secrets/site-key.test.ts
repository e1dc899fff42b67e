import { randomBytes } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm, stat, unlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { keyFilePath, keysFolder, slotsPath } from './key-slots.ts'
import { addSlot, createSiteKey, hasSiteKey, listSlots, openSiteKey, removeSlot } from './site-key.ts'

const cost = { N: 2 ** 10, r: 8, p: 1 }
const now = Date.UTC(2026, 0, 1)
let dir: string

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'millwright-keys-'))
})
afterEach(() => rm(dir, { recursive: true, force: true }))

test('every slot opens the same site key', async () => {
  const external = randomBytes(32)
  const created = await createSiteKey(dir, {
    now,
    slots: [
      { kind: 'key-file' },
      { kind: 'passphrase', passphrase: 'caf\u00e9 in the boiler room', cost },
      { kind: 'recovery-code' },
      { kind: 'external', wrappingKey: external },
    ],
  })
  const expected = created.siteKey.derive('x').toString('hex')
  const use = async (openers?: Parameters<typeof openSiteKey>[1]) =>
    (await openSiteKey(dir, openers)).derive('x').toString('hex')

  expect(await use()).toBe(expected)
  await unlink(keyFilePath(dir))
  // Typed with a combining accent: another keyboard, the same passphrase.
  expect(await use({ passphrase: 'cafe\u0301 in the boiler room' })).toBe(expected)
  expect(await use({ recoveryCode: created.recoveryCode?.toLowerCase().replaceAll('-', ' ') ?? '' })).toBe(
    expected,
  )
  expect(await use({ external })).toBe(expected)
  await expect(use()).rejects.toMatchObject({ code: 'site_key_missing' })
  await expect(use({ external: randomBytes(32) })).rejects.toMatchObject({ code: 'site_key_missing' })
})

test('a wrong passphrase is refused, although the key file would open the key', async () => {
  await createSiteKey(dir, {
    now,
    slots: [{ kind: 'key-file' }, { kind: 'passphrase', passphrase: 'right one', cost }],
  })
  await expect(openSiteKey(dir, { passphrase: 'wrong one' })).rejects.toMatchObject({
    code: 'passphrase_wrong',
  })
})

test('files are for their owner only and hold no key in the clear', async () => {
  const { siteKey } = await createSiteKey(dir, { now, slots: [{ kind: 'key-file' }] })
  expect((await stat(keysFolder(dir))).mode & 0o777).toBe(0o700)
  for (const name of await readdir(keysFolder(dir))) {
    expect((await stat(join(keysFolder(dir), name))).mode & 0o777).toBe(0o600)
    const text = await readFile(join(keysFolder(dir), name), 'utf8')
    expect(text).not.toContain(Buffer.from(siteKey.bytes()).toString('base64'))
  }
  expect(await readdir(keysFolder(dir))).toEqual(['site.key', 'slots.json'])
})

test('a site key is never replaced', async () => {
  await createSiteKey(dir, { now, slots: [{ kind: 'key-file' }] })
  const before = await readFile(slotsPath(dir))
  await expect(createSiteKey(dir, { now, slots: [{ kind: 'key-file' }] })).rejects.toMatchObject({
    code: 'setup_done',
  })
  expect(await readFile(slotsPath(dir))).toEqual(before)
})

test('slots are added and removed, but never the last', async () => {
  const { siteKey } = await createSiteKey(dir, { now, slots: [{ kind: 'key-file' }] })
  const added = await addSlot(dir, siteKey, { kind: 'passphrase', passphrase: 'a new passphrase', cost }, now)
  const keyFileSlot = (await listSlots(dir)).find((slot) => slot.kind === 'key-file')
  await removeSlot(dir, keyFileSlot?.id ?? '')
  expect(await readdir(keysFolder(dir))).toEqual(['slots.json'])
  expect((await openSiteKey(dir, { passphrase: 'a new passphrase' })).derive('x')).toEqual(
    siteKey.derive('x'),
  )
  await expect(removeSlot(dir, added.slotId)).rejects.toMatchObject({ code: 'key_slot_last' })
  await expect(removeSlot(dir, 'nothing')).rejects.toMatchObject({ code: 'not_found' })
})

describe('damage', () => {
  test.each([
    ['no JSON', (text: string) => text.slice(0, text.length / 2)],
    ['another shape', () => '{"format":1,"slots":"none"}'],
    ['an edited slot', (text: string) => text.replace(/"createdAt": \d+/, '"createdAt": 5')],
    ['greedy scrypt parameters', (text: string) => text.replace(/"N": \d+/, '"N": 1073741824')],
    ['an empty file', () => ''],
  ])('%s in slots.json is named, not taken for a wrong passphrase', async (_, damage) => {
    await createSiteKey(dir, { now, slots: [{ kind: 'passphrase', passphrase: 'right one', cost }] })
    const damaged = damage(await readFile(slotsPath(dir), 'utf8'))
    await writeFile(slotsPath(dir), damaged)
    const opening = openSiteKey(dir, { passphrase: 'right one' })
    await expect(opening).rejects.toMatchObject({ code: 'data_damaged', data: { file: slotsPath(dir) } })
    expect(await readFile(slotsPath(dir), 'utf8')).toBe(damaged)
    await expect(createSiteKey(dir, { now, slots: [{ kind: 'key-file' }] })).rejects.toMatchObject({
      code: 'data_damaged',
    })
  })

  test('a key file of another site is named', async () => {
    await createSiteKey(dir, { now, slots: [{ kind: 'key-file' }] })
    await writeFile(keyFilePath(dir), randomBytes(32).toString('base64'))
    await expect(openSiteKey(dir)).rejects.toMatchObject({
      code: 'data_damaged',
      data: { file: keyFilePath(dir) },
    })
  })

  test('temporary files that a power cut left behind are neither read nor in the way', async () => {
    const { siteKey } = await createSiteKey(dir, { now, slots: [{ kind: 'key-file' }] })
    await writeFile(`${slotsPath(dir)}.tmp`, '{"half": ', { mode: 0o666 })
    expect((await openSiteKey(dir)).derive('x')).toEqual(siteKey.derive('x'))
    await addSlot(dir, siteKey, { kind: 'recovery-code' }, now)
    expect(await readdir(keysFolder(dir))).toEqual(['site.key', 'slots.json'])
    expect((await stat(slotsPath(dir))).mode & 0o777).toBe(0o600)
    expect(await listSlots(dir)).toHaveLength(2)
  })

  test('a cut between key file and slots leaves a folder that can be set up', async () => {
    await createSiteKey(dir, { now, slots: [{ kind: 'key-file' }] })
    await unlink(slotsPath(dir))
    expect(await hasSiteKey(dir)).toBe(false)
    await expect(openSiteKey(dir)).rejects.toMatchObject({ code: 'site_key_missing' })
    await createSiteKey(dir, { now, slots: [{ kind: 'key-file' }] })
    await openSiteKey(dir)
  })

  test('a folder that takes no files is named', async () => {
    const file = join(dir, 'a-file')
    await writeFile(file, '')
    await expect(createSiteKey(file, { now, slots: [{ kind: 'key-file' }] })).rejects.toMatchObject({
      code: 'data_not_writable',
    })
  })
})
