import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readlinkSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { BundleBuild } from '#contract/model/bundle.ts'
import { bundleZip } from './bundle-zip.ts'
import { PartFiles } from './part-files.ts'

test('a download that is broken off leaves no file open', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'mw-zip-'))
  const files = new PartFiles(dir)
  await files.start(new Set())
  async function* content() {
    yield randomBytes(4 << 20)
  }
  const { sha256 } = await files.put(content())
  const builds = [{ parts: [{ path: 'a.bin', sha256 }] }] as BundleBuild[]
  const manifest = Buffer.from('{}')
  const isOpen = () =>
    readdirSync('/proc/self/fd').some((fd) => {
      try {
        return readlinkSync(join('/proc/self/fd', fd)) === join(dir, sha256)
      } catch {
        return false
      }
    })
  try {
    const zip = bundleZip({ name: 'a', version: '1', manifest, signature: null }, builds, files)
    await once(zip.content, 'readable')
    zip.content.read()
    await expect.poll(isOpen).toBe(true)
    zip.content.destroy()
    await expect.poll(isOpen, { timeout: 2_000 }).toBe(false)
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
})
