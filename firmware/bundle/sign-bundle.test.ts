import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openFolderSource } from './folder-source.ts'
import { MemoryParts } from './part-store.ts'
import { readBundle } from './read-bundle.ts'
import { signBundle } from './sign-bundle.ts'
import { publisherKey } from './testing/bundle-files.ts'

const committed = resolve(import.meta.dirname, '../../resources/firmware/sim-gateway')
let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'mw-sign-'))
  cpSync(committed, folder, { recursive: true })
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

test('a signed folder is read as signed; fields of others stay in its manifest', async () => {
  rmSync(join(folder, 'signature.json'))
  const given = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8'))
  delete given.builds[0].parts[0].sha256
  writeFileSync(join(folder, 'manifest.json'), JSON.stringify({ ...given, home_assistant_domain: 'mw' }))
  const { manifest, signature } = await signBundle(folder, publisherKey)
  writeFileSync(join(folder, 'manifest.json'), manifest)
  writeFileSync(join(folder, 'signature.json'), signature)
  expect(JSON.parse(manifest)).toMatchObject({ home_assistant_domain: 'mw' })
  const source = await openFolderSource(folder)
  const { facts } = await readBundle(source, {
    store: new MemoryParts(),
    signal: AbortSignal.timeout(10_000),
  })
  expect(facts.signer).not.toBeNull()
})

test('what would be refused is not signed; a link out of the folder is not followed', async () => {
  truncateSync(join(folder, 'esp32/app.bin'), 40_000)
  await expect(signBundle(folder, publisherKey)).rejects.toMatchObject({ code: 'bundle_image_truncated' })
  rmSync(join(folder, 'esp32/app.bin'))
  await expect(signBundle(folder, publisherKey)).rejects.toMatchObject({ code: 'bundle_part_missing' })
  symlinkSync('/etc/hosts', join(folder, 'esp32/app.bin'))
  await expect(signBundle(folder, publisherKey)).rejects.toMatchObject({ code: 'bundle_path_refused' })
})
