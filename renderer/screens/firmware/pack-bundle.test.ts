import { expect, test } from 'vitest'
import type { GivenFile } from './dropped-files.ts'
import { packBundle } from './pack-bundle.ts'
import { storedZip } from './stored-zip.ts'

const file = (name: string, text: string, path = name): GivenFile => ({ path, file: new File([text], name) })

const manifestOf = (...paths: string[]) =>
  JSON.stringify({ builds: [{ parts: paths.map((path) => ({ path })) }] })

const textOf = (bytes: Uint8Array, from: number, to: number) =>
  new TextDecoder().decode(bytes.subarray(from, to))

/** Text by path, as the directory at the end of the ZIP has it. */
async function contents(packed: File): Promise<Record<string, string>> {
  const bytes = new Uint8Array(await packed.arrayBuffer())
  const view = new DataView(bytes.buffer)
  const found: Record<string, string> = {}
  const end = bytes.length - 22
  let at = view.getUint32(end + 16, true)
  for (let n = 0; n < view.getUint16(end + 10, true); n++) {
    const size = view.getUint32(at + 24, true)
    const nameEnd = at + 46 + view.getUint16(at + 28, true)
    const path = textOf(bytes, at + 46, nameEnd)
    const from = view.getUint32(at + 42, true) + 30 + path.length
    expect(textOf(bytes, from - path.length, from)).toBe(path)
    found[path] = textOf(bytes, from, from + size)
    at = nameEnd
  }
  expect(at).toBe(end)
  return found
}

test('each file has its checksum: that of the nine digits is the one of every textbook', async () => {
  const bytes = new TextEncoder().encode('123456789')
  const zip = new DataView(await storedZip([{ path: 'x', bytes }]).arrayBuffer())
  expect(zip.getUint32(14, true)).toBe(0xcbf43926)
})

test('a ZIP goes as it is', async () => {
  const zip = file('x.zip', 'PK')
  expect(await packBundle([zip])).toBe(zip.file)
})

test('of files chosen one by one each goes where the manifest has it', async () => {
  const packed = await packBundle([
    file('app.bin', 'app'),
    file('notes.txt', 'no'),
    file('manifest.json', manifestOf('esp32/app.bin', './boot.bin', 'gone.bin')),
    file('boot.bin', 'boot'),
    file('signature.json', '{}'),
  ])
  expect(await contents(packed)).toEqual({
    'manifest.json': manifestOf('esp32/app.bin', './boot.bin', 'gone.bin'),
    'signature.json': '{}',
    'esp32/app.bin': 'app',
    './boot.bin': 'boot',
  })
})

test('of a folder the files of its uppermost manifest go, each by its own path', async () => {
  const packed = await packBundle([
    file('app.bin', 's3', 'fw/s3/app.bin'),
    file('app.bin', 'esp32', 'fw/esp32/app.bin'),
    file('manifest.json', 'not this', 'fw/old/manifest.json'),
    file('manifest.json', manifestOf('esp32/app.bin', 's3/app.bin'), 'fw/manifest.json'),
  ])
  expect(await contents(packed)).toMatchObject({ 'esp32/app.bin': 'esp32', 's3/app.bin': 's3' })
})

test('what is no bundle goes too: the site says what is wrong', async () => {
  expect(await contents(await packBundle([file('app.bin', 'app')]))).toEqual({ 'app.bin': 'app' })
  expect(await contents(await packBundle([file('manifest.json', '{')]))).toEqual({ 'manifest.json': '{' })
})
