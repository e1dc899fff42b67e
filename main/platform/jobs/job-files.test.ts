import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { JobFiles } from './job-files.ts'

const MIB = 1024 ** 2
let dir: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'mw-job-files-'))
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

test('a file ends where the disk is wanted for readings, though the disk has room', async () => {
  let room = 20 * MIB
  const files = new JobFiles(dir, async () => room)
  const part = await files.openPart('0190-a', 'input')
  // Looked at now and then, not at each write.
  await part.write(Buffer.alloc(10 * MIB))
  room = 0
  await part.write(Buffer.alloc(1 * MIB))
  await expect(part.write(Buffer.alloc(10 * MIB))).rejects.toMatchObject({
    code: 'job_disk_full',
    data: { bytes: 11 * MIB },
  })
  await part.discard()
  expect(existsSync(`${files.input('0190-a')}.part`)).toBe(false)
})

test('a write that alone is more than the room is refused before it begins; others are whole', async () => {
  const files = new JobFiles(dir, async () => 5)
  const part = await files.openPart('0190-b', 'file')
  await expect(part.write(Buffer.from('123456'))).rejects.toMatchObject({ code: 'job_disk_full' })
  await part.discard()
  const small = await files.openPart('0190-b', 'file')
  await small.write(Buffer.from('12345'))
  await small.commit()
  expect(readFileSync(files.artefact('0190-b'), 'utf8')).toBe('12345')
})

test('the room of a real disk leaves a reserve', async () => {
  const files = new JobFiles(dir)
  const part = await files.openPart('0190-c', 'file')
  // No disk has a petabyte of room: what is said to come is refused, and nothing was written.
  await expect(part.write({ byteLength: 1024 ** 5 } as Uint8Array)).rejects.toMatchObject({
    code: 'job_disk_full',
    data: { bytes: 0 },
  })
  await part.discard()
})
