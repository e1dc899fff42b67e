import { cpSync, mkdtempSync, readFileSync, rmSync, statSync, truncateSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { CommandContext } from '../command-context.ts'
import { describeFailure } from '../exit-code.ts'
import { Output } from '../output.ts'
import { createProgram } from '../program.ts'

const committed = resolve(import.meta.dirname, '../../../resources/firmware/sim-gateway')
let dir: string
let folder: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'mw-firmware-cli-'))
  folder = join(dir, 'bundle')
  cpSync(committed, folder, { recursive: true })
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

async function firmware(...args: string[]): Promise<string> {
  const out = new PassThrough()
  const context = new CommandContext(new Output(out, new PassThrough()), Date.now)
  await createProgram(context).parseAsync(['firmware', ...args], { from: 'user' })
  out.end()
  return text(out)
}

const failure = (...args: string[]) => firmware(...args).then(() => null, describeFailure)

test('a key is made, a folder signed with it, and the signature is found good', async () => {
  const key = join(dir, 'publisher.pem')
  const made = JSON.parse(await firmware('keygen', '--out', key, '--json'))
  expect(statSync(key).mode & 0o777).toBe(0o600)
  expect(await failure('keygen', '--out', key)).toMatchObject({ code: 'file_exists' })
  expect(JSON.parse(await firmware('sign', folder, '--key', key, '--json'))).toEqual(made)
  const facts = JSON.parse(await firmware('check', join(folder, 'manifest.json'), '--json'))
  expect(facts).toMatchObject({ name: 'Simulated gateway', signer: made.publicKey })
  expect(await firmware('check', folder)).toContain('ESP32-C3: sim-gateway 1.0.0')
})

test('what is not right is not signed, and stays as it was', async () => {
  const key = join(dir, 'publisher.pem')
  await firmware('keygen', '--out', key)
  const before = readFileSync(join(folder, 'signature.json'), 'utf8')
  truncateSync(join(folder, 'esp32/app.bin'), 40_000)
  expect(await failure('sign', folder, '--key', key)).toMatchObject({ code: 'bundle_image_truncated' })
  expect(readFileSync(join(folder, 'signature.json'), 'utf8')).toBe(before)
  expect(await failure('check', folder)).toMatchObject({ code: 'bundle_part_changed' })
  expect(await failure('check', join(dir, 'nothing'))).toMatchObject({ code: 'file_not_readable' })
  expect(await failure('sign', folder, '--key', join(folder, 'manifest.json'))).toMatchObject({
    code: 'file_not_readable',
  })
})
