import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { JobFiles } from '#platform/jobs/job-files.ts'
import { Uploads } from './uploads.ts'

let dir: string
let files: JobFiles
let uploads: Uploads
let now = 1_000_000
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'mw-uploads-'))
  files = new JobFiles(dir)
  uploads = new Uploads(files, { now: () => ++now })
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

const ana = { id: 'ana', tenantId: 'dairy' }
const person = (n: number, tenantId: string | null = 'dairy') => ({ id: `person ${n}`, tenantId })

test('parts come in order, of whom began; it is whole once it is finished', async () => {
  const id = await uploads.begin(ana, 'a.csv')
  expect(await uploads.append(ana, id, 0, Buffer.from('ab'))).toBe(2)
  await expect(uploads.append(ana, id, 1, Buffer.from('x'))).rejects.toMatchObject({ code: 'not_found' })
  await expect(uploads.append(person(1), id, 2, Buffer.from('x'))).rejects.toMatchObject({
    code: 'not_found',
  })
  expect(await uploads.finish(ana, id)).toBe('a.csv')
  expect(existsSync(files.input(id))).toBe(true)
})

test('whoever begins too many loses the oldest; what becomes a job stays', async () => {
  const ids = []
  for (let n = 0; n < 4; n++) ids.push(await uploads.begin(ana, `${n}`))
  await uploads.finish(ana, ids[0]!)
  const fifth = await uploads.begin(ana, '5')
  expect(ids.map((id) => uploads.has(ana, id))).toEqual([true, false, true, true])
  expect(new Set(readdirSync(dir))).toEqual(new Set([ids[0], ids[2], ids[3], fifth]))
  uploads.release(ids[0]!)
  await uploads.begin(ana, '6')
  expect(uploads.has(ana, ids[0]!)).toBe(false)
})

test('nobody begins another while all of theirs become jobs', async () => {
  for (let n = 0; n < 4; n++) await uploads.finish(ana, await uploads.begin(ana, `${n}`))
  await expect(uploads.begin(ana, '5')).rejects.toMatchObject({ code: 'too_many_jobs', data: { limit: 4 } })
})

test('the people of one tenant leave places to others', async () => {
  for (let n = 0; n < 8; n++) await uploads.begin(person(n), 'x')
  await expect(uploads.begin(person(8), 'x')).rejects.toMatchObject({ data: { limit: 8 } })
  for (let n = 0; n < 8; n++) await uploads.begin(person(n + 10, null), 'x')
  await expect(uploads.begin(person(20, 'bakery'), 'x')).rejects.toMatchObject({ data: { limit: 16 } })
})

test('what nobody goes on with for an hour is given up', async () => {
  const left = await uploads.begin(ana, 'left')
  now += 60 * 60_000
  const fresh = await uploads.begin(person(1), 'fresh')
  expect([uploads.has(ana, left), uploads.has(person(1), fresh)]).toEqual([false, true])
  now += 60 * 60_000 + 1
  await uploads.giveUpIdle()
  expect(readdirSync(dir)).toEqual([])
})
