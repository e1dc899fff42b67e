import { execFileSync } from 'node:child_process'
import { cp, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { fixture, nvsFixtures } from '#firmware/nvs/fixtures.fixture.ts'
import { CommandContext } from '../command-context.ts'
import { describeFailure } from '../exit-code.ts'
import { Output } from '../output.ts'
import { createProgram } from '../program.ts'

const at = (name: string): string => join(nvsFixtures, name)
const KEY = ['--key-file', at('keys/enckey.bin')]
let dir = ''
const out = (name = 'image.bin'): string => join(dir, name)
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'millwright-nvs-'))
})
afterEach(() => rm(dir, { recursive: true }))

async function nvs(...args: string[]): Promise<{ stdout: string; stderr: string }> {
  const streams = [new PassThrough(), new PassThrough()] as const
  const context = new CommandContext(new Output(...streams), Date.now)
  try {
    await createProgram(context).parseAsync(['nvs', ...args], { from: 'user' })
  } finally {
    for (const stream of streams) stream.end()
  }
  const [stdout, stderr] = await Promise.all(streams.map((stream) => text(stream)))
  return { stdout: stdout ?? '', stderr: stderr ?? '' }
}

const failure = (...args: string[]) => nvs(...args).then(() => null, describeFailure)

it('read --json: every value in full, blobs in Base64, integers beyond 2^53 as text', async () => {
  const { stdout, stderr } = await nvs('read', at('ref1-enc.bin'), ...KEY, '--json')
  const pem = async (name: string) => ({ type: 'blob', value: (await readFile(at(name))).toString('base64') })
  expect(JSON.parse(stdout)).toEqual({
    sys: {
      ver: { type: 'u8', value: 7 },
      neg8: { type: 'i8', value: -5 },
      port: { type: 'u16', value: 8883 },
      neg16: { type: 'i16', value: -1234 },
      serial: { type: 'u32', value: 4_000_000_001 },
      offset: { type: 'i32', value: -123_456 },
      big64: { type: 'u64', value: '18446744073709551615' },
      neg64: { type: 'i64', value: '-9007199254740993' },
    },
    wifi: {
      ssid: { type: 'string', value: 'Büro-Netz 5GHz' },
      psk: { type: 'string', value: 'pa,ss "word" 123' },
    },
    mqtt: {
      uri: { type: 'string', value: 'mqtts://broker.example.invalid:8883' },
      client: { type: 'string', value: 'gw-0001' },
      key15charslong1: { type: 'i32', value: 1 },
    },
    certs: {
      ca: await pem('ca.crt.pem'),
      crt: await pem('device.crt.pem'),
      key: await pem('device.key.pem'),
      crt_s: { type: 'string', value: await readFile(at('device.crt.pem'), 'utf8') },
      hex: { type: 'blob', value: 'AP8QqlU=' },
      b64: { type: 'blob', value: 'AAECAwQFBgcICQ==' },
    },
  })
  expect(stderr).toBe('')
})

it('read: the table hides secrets', async () => {
  const { stdout } = await nvs('read', at('ref1.bin'))
  expect(stdout).toMatch(/^wifi +ssid +string +Büro-Netz 5GHz$/m)
  expect(stdout).toMatch(/^wifi +psk +string +16 bytes$/m)
  expect(stdout).toMatch(/^certs +key +blob +private key, 1704 bytes$/m)
  expect(stdout).not.toMatch(/pa,ss|BEGIN|MII/)
})

it('read: what is damaged is refused, and with --lenient named', async () => {
  const image = fixture('ref1.bin')
  image[0x65] = 0
  await writeFile(out(), image)
  expect(await failure('read', out())).toMatchObject({
    exitCode: 1,
    code: 'nvs_image_corrupt',
    data: { at: '0x60' },
  })
  const { stdout, stderr } = await nvs('read', out(), '--lenient', '--json')
  expect(Object.keys(JSON.parse(stdout).sys)).not.toContain('ver')
  expect(stderr).toBe('0x60: the checksum of the entry is wrong; the entry is left out\n')
})

it.each([
  ['ref1.csv', [], 'ref1.bin'],
  ['ref1.csv', KEY, 'ref1-enc.bin'],
  ['ref2-bigblob.csv', [], 'ref2-bigblob.bin'],
])('build %s %j: the image of the generator, for its owner alone', async (csv, key, image) => {
  const { stdout } = await nvs('build', at(csv), '--size', '0x6000', '--out', out(), ...key, '--json')
  expect(JSON.parse(stdout)).toMatchObject({ file: out(), size: 0x6000, encrypted: key.length > 0 })
  expect((await readFile(out())).equals(fixture(image))).toBe(true)
  expect((await stat(out())).mode & 0o777).toBe(0o600)
  expect(await readdir(dir)).toEqual(['image.bin'])
})

it('build replaces a file only with --force', async () => {
  await writeFile(out(), 'mine')
  const args = ['build', at('ref3-sys.csv'), '--size', '24576', '--out', out()]
  expect(await failure(...args)).toMatchObject({ exitCode: 1, code: 'file_exists' })
  expect(await readFile(out(), 'utf8')).toBe('mine')
  await nvs(...args, '--force')
  expect((await readFile(out())).equals(fixture('ref3-sys.bin'))).toBe(true)
})

it('build: what does not go leaves no file', async () => {
  await cp(at('ref2-bigblob.csv'), out('away.csv'))
  const build = (csv: string, size: string) => failure('build', csv, '--size', size, '--out', out())
  expect(await build(out('away.csv'), '0x6000')).toMatchObject({
    code: 'nvs_csv_invalid',
    message: 'Line 4: big12k.bin cannot be read: it does not exist',
  })
  expect(await build(at('ref2-bigblob.csv'), '0x4000')).toMatchObject({
    code: 'nvs_too_small',
    data: { need: 0x5000, size: 0x4000 },
  })
  expect(await build(at('ref1.csv'), '0x6001')).toMatchObject({ code: 'nvs_size_invalid' })
  expect(await build(at('ref1.csv'), '6 kB')).toMatchObject({ exitCode: 2, code: 'usage' })
  expect(await build(at('ref1.csv'), '0xffffffff')).toMatchObject({ exitCode: 2, code: 'usage' })
  expect(await readdir(dir)).toEqual(['away.csv'])
})

it('openssl takes what --json prints', async () => {
  const { certs } = JSON.parse((await nvs('read', at('ref1.bin'), '--json')).stdout)
  const publicKey = (args: string[], pem: string): string =>
    execFileSync('openssl', args, { input: Buffer.from(pem, 'base64') }).toString()
  expect(publicKey(['x509', '-noout', '-pubkey'], certs.crt.value)).toBe(
    publicKey(['pkey', '-pubout'], certs.key.value),
  )
})
