import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { openOutputFile, ownName } from './output-file.ts'

let dir = ''
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'millwright-output-'))
})
afterEach(() => rm(dir, { recursive: true }))

it('puts the whole file in place with its mode, and leaves nothing beside it', async () => {
  const file = await openOutputFile(join(dir, 'a.zip'), { mode: 0o600 })
  await file.write('one ')
  expect(await readdir(dir)).not.toContain('a.zip')
  await file.write(Buffer.from('two'))
  await file.commit()
  await file.discard()
  expect(await readFile(join(dir, 'a.zip'), 'utf8')).toBe('one two')
  expect((await stat(join(dir, 'a.zip'))).mode & 0o777).toBe(0o600)
  expect(await readdir(dir)).toEqual(['a.zip'])
})

it.each([
  ['GW001.csv', 'GW001.csv'],
  ['../../etc/cron.d/x', 'x'],
  ['C:\\Users\\x\\y.csv', 'y.csv'],
  ['..', 'job'],
  ['a/', 'job'],
  ['.bashrc', 'job'],
  ['', 'job'],
])('a site names no path: %s is %s', (name, own) => {
  expect(ownName(name, 'job')).toBe(own)
})

it('leaves nothing when it is discarded', async () => {
  const file = await openOutputFile(join(dir, 'a.zip'))
  await file.write('half')
  await file.discard()
  expect(await readdir(dir)).toEqual([])
})

it('refuses a name that is taken, before any work', async () => {
  await writeFile(join(dir, 'a.zip'), 'mine')
  await expect(openOutputFile(join(dir, 'a.zip'))).rejects.toMatchObject({ code: 'file_exists' })
  expect(await readdir(dir)).toEqual(['a.zip'])
})

it('refuses a name that was taken while it was written', async () => {
  const file = await openOutputFile(join(dir, 'a.zip'))
  await file.write('new')
  await writeFile(join(dir, 'a.zip'), 'mine')
  await expect(file.commit()).rejects.toMatchObject({ code: 'file_exists' })
  await file.discard()
  expect(await readFile(join(dir, 'a.zip'), 'utf8')).toBe('mine')
  expect(await readdir(dir)).toEqual(['a.zip'])
})

it('replaces where asked to', async () => {
  await writeFile(join(dir, 'a.zip'), 'old')
  const file = await openOutputFile(join(dir, 'a.zip'), { overwrite: true })
  await file.write('new')
  await file.commit()
  expect(await readFile(join(dir, 'a.zip'), 'utf8')).toBe('new')
})

it('says which folder cannot be written', async () => {
  await expect(openOutputFile(join(dir, 'missing', 'a.zip'))).rejects.toMatchObject({
    code: 'file_not_writable',
    message: expect.stringContaining('does not exist'),
  })
})
