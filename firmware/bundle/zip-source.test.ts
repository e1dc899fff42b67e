import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { bundleFiles, readZip, zipOf } from './testing/bundle-files.ts'

/** Both where the directory says it and before the file itself. */
function renamed(zip: Buffer, from: string, to: string): Buffer {
  expect(to.length).toBe(from.length)
  const copy = Buffer.from(zip)
  for (let at = copy.indexOf(from); at !== -1; at = copy.indexOf(from, at + 1)) copy.write(to, at)
  return copy
}

const CENTRAL = Buffer.from('PK\x01\x02', 'latin1')

/** Of the first file in the directory, all of it but its name. */
function centralHeader(zip: Buffer, edit: (header: Buffer) => void): Buffer {
  const copy = Buffer.from(zip)
  edit(copy.subarray(copy.indexOf(CENTRAL)))
  return copy
}

test('what is no ZIP, or the beginning of one, is refused', async () => {
  const zip = await zipOf(bundleFiles())
  for (const bytes of [Buffer.from('hello'), Buffer.alloc(0), zip.subarray(0, zip.length - 100)])
    await expect(readZip(bytes)).rejects.toMatchObject({ code: 'bundle_zip_damaged' })
})

test('a cut in the middle of a file is noticed, whatever the directory says', async () => {
  const zip = await zipOf(bundleFiles())
  const directory = zip.indexOf(CENTRAL)
  const shortened = Buffer.concat([zip.subarray(0, directory - 5_000), zip.subarray(directory)])
  await expect(readZip(shortened)).rejects.toMatchObject({ code: 'bundle_zip_damaged' })
})

test.each(['../../etc', '/root/etc', 'C:/an/etc'])('no path leaves the folder: %s', async (to) => {
  const zip = await zipOf(bundleFiles({ files: (files) => files.set('there/etc', Buffer.from('x')) }))
  await expect(readZip(renamed(zip, 'there/etc', to))).rejects.toMatchObject({ code: 'bundle_path_refused' })
})

test('a name that is there twice is refused', async () => {
  const files = bundleFiles({ files: (all) => all.set('manifest.jsoN', Buffer.from('{}')) })
  const zip = renamed(await zipOf(files), 'manifest.jsoN', 'manifest.json')
  await expect(readZip(zip)).rejects.toMatchObject({
    code: 'bundle_zip_damaged',
    data: { cause: 'manifest.json is in it twice' },
  })
})

test('bytes that do not have their checksum, and sizes that are not true, are refused', async () => {
  const zip = await zipOf(new Map([['manifest.json', bundleFiles().get('manifest.json')!]]))
  const wrongSum = centralHeader(zip, (header) => header.writeUInt32LE(1, 16))
  await expect(readZip(wrongSum)).rejects.toMatchObject({ code: 'bundle_zip_damaged' })
  const wrongSize = centralHeader(zip, (header) => header.writeUInt32LE(10, 24))
  await expect(readZip(wrongSize)).rejects.toMatchObject({ code: 'bundle_zip_damaged' })
  const encrypted = centralHeader(zip, (header) => header.writeUInt16LE(1, 8))
  await expect(readZip(encrypted)).rejects.toMatchObject({ code: 'bundle_zip_damaged' })
})

test('a bomb is refused by what it unpacks to, before it is unpacked', async () => {
  const small = await zipOf(bundleFiles({ files: (all) => all.set('bomb', Buffer.alloc(40 * 1024 ** 2)) }))
  expect(small.length).toBeLessThan(200_000)
  await expect(readZip(small)).rejects.toMatchObject({ code: 'bundle_too_large' })
})

test('a part larger than any flash is refused, and more files than a bundle has', async () => {
  // Beside enough that does not compress, it is no bomb.
  const app = Buffer.concat([randomBytes(256 * 1024), Buffer.alloc(33 * 1024 ** 2)])
  const large = bundleFiles({ files: (all) => all.set('esp32/app.bin', app) })
  await expect(readZip(await zipOf(large))).rejects.toMatchObject({
    code: 'bundle_too_large',
    data: { what: 'esp32/app.bin' },
  })
  const many = bundleFiles({
    files: (all) => {
      for (let n = 0; n < 520; n++) all.set(`note ${n}`, Buffer.alloc(0))
    },
  })
  await expect(readZip(await zipOf(many))).rejects.toMatchObject({ code: 'bundle_too_many_files' })
})
