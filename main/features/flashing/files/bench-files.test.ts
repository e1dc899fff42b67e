import { randomBytes } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { localSiteAdmin } from '#features/access/index.ts'
import { uuid7 } from '#platform/ids/uuid7.ts'
import { Sealer } from '#platform/secrets/sealing.ts'
import { SiteKey } from '#platform/secrets/site-key.ts'
import { BENCH_FILE_LIFE, BENCH_FILE_MOST, BenchFiles } from './bench-files.ts'

const CHUNK = 64 * 1024
let dataDir = ''
let now = 0
let files: BenchFiles
const somebody = { kind: 'api_key', id: 'k1', name: 'k', permissions: [], scope: { all: true } } as const

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'millwright-bench-files-'))
  now = Date.now()
  files = create()
  await files.start()
})
afterEach(() => rm(dataDir, { recursive: true }))

const sealer = new Sealer(new SiteKey(randomBytes(32)))
function create(): BenchFiles {
  return new BenchFiles({
    dataDir,
    clock: { now: () => now },
    sealer: () => sealer,
    diskRoom: async () => 1e12,
  })
}

async function* pieces(bytes: Uint8Array, size: number) {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

async function all(content: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of content) chunks.push(chunk)
  return Buffer.concat(chunks)
}

it.each([0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK, 200_001])(
  '%i bytes come back as they were',
  async (size) => {
    const content = randomBytes(size)
    const { uploadId, bytes } = await files.take(localSiteAdmin, 'app.bin', pieces(content, 7_001))
    expect(bytes).toBe(size)
    expect(await files.readUpload(uploadId)).toEqual(content)
    const job = uuid7(now)
    await files.keepBackup(job, content)
    const backup = await files.openBackup(job)
    expect(backup.bytes).toBe(size)
    expect(await all(backup.content)).toEqual(content)
  },
)

it('lies sealed on the disk, for its owner only', async () => {
  const job = uuid7(now)
  const key = '-----BEGIN PRIVATE KEY-----'
  await files.keepBackup(job, Buffer.from(key.repeat(100)))
  const path = join(dataDir, 'bench', 'backups', job)
  expect((await readFile(path)).includes('PRIVATE')).toBe(false)
  expect((await stat(path)).mode & 0o777).toBe(0o600)
})

it('a box that was swapped, cut off or changed does not open', async () => {
  const job = uuid7(now)
  const path = join(dataDir, 'bench', 'backups', job)
  const open = async () => all((await files.openBackup(job)).content)
  await files.keepBackup(job, randomBytes(3 * CHUNK))
  const whole = await readFile(path)
  const box = CHUNK + 29
  await writeFile(path, whole.subarray(0, 2 * box))
  await expect(open()).rejects.toMatchObject({ code: 'data_damaged' })
  await writeFile(
    path,
    Buffer.concat([whole.subarray(box, 2 * box), whole.subarray(0, box), whole.subarray(2 * box)]),
  )
  await expect(open()).rejects.toMatchObject({ code: 'data_damaged' })
  const flipped = Buffer.from(whole)
  flipped[box + 100] = (flipped[box + 100] ?? 0) ^ 1
  await writeFile(path, flipped)
  await expect(open()).rejects.toMatchObject({ code: 'data_damaged' })
})

it('an upload is for who sent it', async () => {
  const { uploadId } = await files.take(localSiteAdmin, 'a', pieces(randomBytes(10), 10))
  expect(files.requireUpload(localSiteAdmin, uploadId)).toEqual({ name: 'a', bytes: 10 })
  expect(() => files.requireUpload(somebody, uploadId)).toThrow(
    expect.objectContaining({ code: 'file_missing' }),
  )
  await expect(files.readUpload('../../site.sqlite')).rejects.toMatchObject({ code: 'file_missing' })
})

it('what the people of a tenant uploaded goes with it', async () => {
  const theirs = { ...somebody, scope: { all: false, tenantId: 't', within: null } } as const
  for (const actor of [theirs, somebody]) await files.take(actor, 'a', pieces(randomBytes(10), 10))
  const [uploads, kept] = [
    join(dataDir, 'bench', 'uploads'),
    await readdir(join(dataDir, 'bench', 'uploads')),
  ]
  await files.forgetTenant('t')
  expect([kept.length, (await readdir(uploads)).length]).toEqual([2, 1])
})

it('what is too large leaves nothing', async () => {
  const endless = async function* () {
    while (true) yield Buffer.alloc(CHUNK * 16)
  }
  await expect(files.take(localSiteAdmin, 'a', endless())).rejects.toMatchObject({
    code: 'import_too_large',
    data: { limit: BENCH_FILE_MOST },
  })
  expect(await readdir(join(dataDir, 'bench', 'uploads'))).toEqual([])
})

it('the oldest of many uploads goes; all of them when the site starts; backups after a day', async () => {
  const ids: string[] = []
  for (let n = 0; n < 9; n += 1)
    ids.push((await files.take(localSiteAdmin, 'a', pieces(randomBytes(3), 3))).uploadId)
  expect(() => files.requireUpload(localSiteAdmin, ids[0] ?? '')).toThrow()
  expect(files.requireUpload(localSiteAdmin, ids[1] ?? '').bytes).toBe(3)
  const [old, young] = [uuid7(now), uuid7(now)]
  await files.keepBackup(old, randomBytes(3))
  await files.keepBackup(young, randomBytes(3))
  const long = (now - BENCH_FILE_LIFE - 1_000) / 1_000
  await utimes(join(dataDir, 'bench', 'backups', old), long, long)
  const again = create()
  await again.start()
  expect(await again.sweep()).toEqual([old])
  expect(await readdir(join(dataDir, 'bench', 'uploads'))).toEqual([])
  expect(await readdir(join(dataDir, 'bench', 'backups'))).toEqual([young])
})
