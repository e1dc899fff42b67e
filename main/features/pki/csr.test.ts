import 'reflect-metadata'
import { generateKeyPairSync } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Pkcs10CertificateRequest } from '@peculiar/x509'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ExpectedError } from '#contract/errors.ts'
import { CSR_MOST, readCsr, readCsrDer } from './csr.ts'
import { namesFrom, requireOwnNames } from './csr-names.ts'
import { tlv } from './der.ts'
import { openssl } from './pki-site.fixture.ts'
import { readStrictDer } from './strict-der.ts'

let dir: string
/** Made once: an RSA key costs a second. */
const keys = new Map<string, string>()

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'millwright-csr-'))
})
afterAll(() => rm(dir, { recursive: true, force: true }))

const kinds = {
  p256: () => generateKeyPairSync('ec', { namedCurve: 'prime256v1' }),
  p384: () => generateKeyPairSync('ec', { namedCurve: 'secp384r1' }),
  p521: () => generateKeyPairSync('ec', { namedCurve: 'secp521r1' }),
  k256: () => generateKeyPairSync('ec', { namedCurve: 'secp256k1' }),
  ed25519: () => generateKeyPairSync('ed25519'),
  rsa1024: () => generateKeyPairSync('rsa', { modulusLength: 1024 }),
  rsa2048: () => generateKeyPairSync('rsa', { modulusLength: 2048 }),
  rsa3: () => generateKeyPairSync('rsa', { modulusLength: 2048, publicExponent: 3 }),
  pss: () => generateKeyPairSync('rsa-pss', { modulusLength: 2048 }),
  dsa: () => generateKeyPairSync('dsa', { modulusLength: 1024, divisorLength: 160 }),
} as const

async function keyFile(kind: keyof typeof kinds): Promise<string> {
  const file = keys.get(kind) ?? join(dir, `${kind}.key`)
  if (!keys.has(kind)) {
    const { privateKey } = kinds[kind]()
    await writeFile(file, privateKey.export({ type: 'pkcs8', format: 'pem' }))
    keys.set(kind, file)
  }
  return file
}

/** What `openssl req` makes of a subject, a key and extensions. */
async function request(
  subject: string,
  {
    key = 'p256',
    extensions = [],
    more = [],
  }: { key?: keyof typeof kinds; extensions?: string[]; more?: string[] } = {},
): Promise<string> {
  const added = extensions.flatMap((extension) => ['-addext', extension])
  const { status, text } = await openssl(
    'req',
    '-new',
    '-key',
    await keyFile(key),
    '-subj',
    subject,
    ...added,
    ...more,
  )
  if (status !== 0) throw new Error(text)
  return text
}

const box = { mac: 'aa:bb:cc:dd:ee:01', label: 'ESP-DDEE01', deviceId: 'grow-7', gatewayId: 'g-1' }

/** Why it is refused; undefined: it is not. */
function refusalOf(run: () => unknown): unknown {
  try {
    run()
    return undefined
  } catch (error) {
    if (error instanceof ExpectedError && error.code === 'csr_refused') return error.data['reason']
    throw error
  }
}

const judge = (text: string) => refusalOf(() => requireOwnNames(readCsr(text), box))

describe('a request by openssl is taken', () => {
  test.each<[string, string, Parameters<typeof request>[1]]>([
    ['of a MAC', '/CN=aa:bb:cc:dd:ee:01', {}],
    ['of a MAC with dashes and capitals', '/CN=AA-BB-CC-DD-EE-01', {}],
    ['of a label', '/CN=esp-ddee01', {}],
    ['of a device id, with an organisation', '/O=Grow/OU=Unit/CN=grow-7', {}],
    ['without a name', '/', {}],
    ['with EC P-384', '/CN=grow-7', { key: 'p384' }],
    ['with RSA 2048', '/CN=grow-7', { key: 'rsa2048' }],
    ['signed with SHA-384', '/CN=grow-7', { more: ['-sha384'] }],
    [
      'with just the rights that a gateway gets',
      '/CN=grow-7',
      {
        extensions: [
          'basicConstraints=critical,CA:FALSE',
          'keyUsage=critical,digitalSignature',
          'extendedKeyUsage=clientAuth',
        ],
      },
    ],
    [
      'with its own alternative names',
      '/CN=grow-7',
      { extensions: ['subjectAltName=DNS:aa-bb-cc-dd-ee-01,URI:urn:millwright:gateway:g-1'] },
    ],
    ['with an extension that nobody needs', '/CN=grow-7', { extensions: ['nsComment=made at the bench'] }],
  ])('%s', async (_what, subject, how) => {
    const pem = await request(subject, how)
    expect(judge(pem)).toBeUndefined()
    const base64 = pem.replace(/-----[^-]+-----/g, '')
    expect(readCsr(base64).publicKeyHash).toBe(readCsr(pem).publicKeyHash)
    // The library that makes certificates reads the same key and the same name of it.
    const other = new Pkcs10CertificateRequest(base64.replace(/\s/g, ''))
    expect(Buffer.from(other.publicKey.rawData)).toEqual(Buffer.from(readCsr(pem).publicKey.spki))
    expect(other.subjectName.getField('CN')).toEqual(readCsr(pem).commonNames)
  })
})

describe('a request by openssl is refused', () => {
  test.each<[string, string, Parameters<typeof request>[1], string]>([
    ['a foreign MAC', '/CN=aa:bb:cc:dd:ee:02', {}, 'name_foreign'],
    ['a foreign name beside its own', '/CN=grow-7/CN=grow-8', {}, 'name_foreign'],
    ['a name that only begins with its own', '/CN=grow-7.evil', {}, 'name_foreign'],
    [
      'a foreign alternative name',
      '/CN=grow-7',
      { extensions: ['subjectAltName=DNS:plant1'] },
      'name_foreign',
    ],
    ['an address as a name', '/CN=grow-7', { extensions: ['subjectAltName=IP:192.168.1.1'] }, 'name_foreign'],
    [
      'another gateway’s URN',
      '/CN=grow-7',
      { extensions: ['subjectAltName=URI:urn:millwright:gateway:g-2'] },
      'name_foreign',
    ],
    ['CA:TRUE', '/CN=grow-7', { extensions: ['basicConstraints=CA:TRUE'] }, 'asks_too_much'],
    [
      'CA:TRUE with a path length',
      '/CN=grow-7',
      { extensions: ['basicConstraints=critical,CA:TRUE,pathlen:3'] },
      'asks_too_much',
    ],
    ['keyCertSign', '/CN=grow-7', { extensions: ['keyUsage=digitalSignature,keyCertSign'] }, 'asks_too_much'],
    ['cRLSign', '/CN=grow-7', { extensions: ['keyUsage=cRLSign'] }, 'asks_too_much'],
    ['serverAuth', '/CN=grow-7', { extensions: ['extendedKeyUsage=clientAuth,serverAuth'] }, 'asks_too_much'],
    [
      'every purpose',
      '/CN=grow-7',
      { extensions: ['extendedKeyUsage=anyExtendedKeyUsage'] },
      'asks_too_much',
    ],
    [
      'a critical extension nobody knows',
      '/CN=grow-7',
      { extensions: ['1.2.3.4=critical,ASN1:NULL'] },
      'asks_too_much',
    ],
    ['RSA 1024', '/CN=grow-7', { key: 'rsa1024' }, 'key_weak'],
    ['RSA with the exponent 3', '/CN=grow-7', { key: 'rsa3' }, 'key_weak'],
    ['RSA-PSS', '/CN=grow-7', { key: 'pss' }, 'key_not_allowed'],
    ['DSA', '/CN=grow-7', { key: 'dsa' }, 'key_not_allowed'],
    ['EC P-521', '/CN=grow-7', { key: 'p521' }, 'key_not_allowed'],
    ['EC secp256k1', '/CN=grow-7', { key: 'k256' }, 'key_not_allowed'],
    ['Ed25519', '/CN=grow-7', { key: 'ed25519' }, 'key_not_allowed'],
    ['SHA-1', '/CN=grow-7', { more: ['-sha1'] }, 'signature_not_allowed'],
    [
      'RSA signed as PSS',
      '/CN=grow-7',
      { key: 'rsa2048', more: ['-sigopt', 'rsa_padding_mode:pss'] },
      'signature_not_allowed',
    ],
    [
      '17 KiB of extensions',
      '/CN=grow-7',
      { extensions: [`nsComment=${'x'.repeat(17 * 1024)}`] },
      'too_large',
    ],
  ])('%s', async (_what, subject, how, reason) => {
    expect(judge(await request(subject, how))).toBe(reason)
  })

  test('one whose name or signature was changed after it was signed', async () => {
    const der = Buffer.from((await request('/CN=grow-7')).replace(/-----[^-]+-----|\s/g, ''), 'base64')
    const name = der.indexOf('grow-7')
    der[name + 5] = 0x38
    expect(refusalOf(() => readCsrDer(der))).toBe('signature_wrong')
    der[name + 5] = 0x37
    der[der.length - 1] = (der.at(-1) ?? 0) ^ 1
    expect(refusalOf(() => readCsrDer(der))).toBe('signature_wrong')
  })

  test('a point in the compressed form, and one that does not lie on its curve', async () => {
    const compressed = join(dir, 'compressed.key')
    await openssl('ec', '-in', await keyFile('p256'), '-conv_form', 'compressed', '-out', compressed)
    const { text } = await openssl('req', '-new', '-key', compressed, '-subj', '/CN=grow-7')
    expect(refusalOf(() => readCsr(text))).toBe('key_not_allowed')
    const der = Buffer.from(readCsr(await request('/CN=grow-7')).der)
    const spki = readStrictDer(der).children[0]?.children[2]?.raw ?? Buffer.alloc(0)
    const at = der.indexOf(spki) + spki.length - 1
    der[at] = (der[at] ?? 0) ^ 1
    expect(refusalOf(() => readCsrDer(der))).toBe('key_weak')
  })
})

test.each<[string, string, string]>([
  ['nothing', '', 'malformed'],
  ['words', 'certificate please', 'malformed'],
  ['a certificate', '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----', 'malformed'],
  ['a megabyte', 'A'.repeat(1024 * 1024), 'too_large'],
  ['base64 of nothing', 'AAAA', 'malformed'],
  ['the indefinite length of BER', Buffer.from('3080020100', 'hex').toString('base64'), 'malformed'],
])('%s is no request', (_what, text, reason) => {
  expect(refusalOf(() => readCsr(text))).toBe(reason)
})

test('elements nested a thousand deep cost no more than their bytes', () => {
  let nested: Buffer = Buffer.alloc(0)
  for (let n = 0; n < 1_000; n++) nested = tlv(0x30, nested)
  expect(refusalOf(() => readCsrDer(nested))).toBe('malformed')
  expect(refusalOf(() => readCsrDer(tlv(0x30, Buffer.alloc(CSR_MOST - 100))))).toBe('malformed')
})

test('what was changed anywhere is refused with a reason, and never fails otherwise', async () => {
  const pem = await request('/CN=grow-7', {
    extensions: ['subjectAltName=DNS:grow-7', 'keyUsage=digitalSignature'],
  })
  const good = readCsr(pem).der
  const places = fc.array(fc.tuple(fc.nat(good.length - 1), fc.integer({ min: 1, max: 255 })), {
    minLength: 1,
    maxLength: 4,
  })
  fc.assert(
    fc.property(places, fc.nat(good.length), (changes, length) => {
      const der = Buffer.from(length % 3 === 0 ? good.subarray(0, length) : good)
      for (const [at, bits] of changes) if (at < der.length) der[at] = (der[at] ?? 0) ^ bits
      if (Buffer.compare(der, good) === 0) return
      expect(refusalOf(() => readCsrDer(der))).toEqual(expect.any(String))
    }),
    { numRuns: 1_500 },
  )
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
      expect(refusalOf(() => readCsrDer(bytes))).toBe('malformed')
    }),
    { numRuns: 1_000 },
  )
})

test('a box that says no name beside its request is known by its common name', async () => {
  const names = async (subject: string) => namesFrom(readCsr(await request(subject)))
  expect(await names('/CN=AABBCCDDEE01')).toEqual({ mac: box.mac, label: null, deviceId: null })
  expect(await names('/CN=ESP-DDEE01')).toEqual({ mac: null, label: 'ESP-DDEE01', deviceId: null })
  expect(await names('/CN=grow-7')).toEqual({ mac: null, label: null, deviceId: 'grow-7' })
  expect(refusalOf(() => namesFrom(readCsr(pemOfNobody)))).toBe('name_foreign')
})

let pemOfNobody = ''
beforeAll(async () => {
  pemOfNobody = await request('/')
})

test('the challenge password of a request is read', async () => {
  const config = join(dir, 'challenge.cnf')
  await writeFile(
    config,
    '[req]\ndistinguished_name=dn\nattributes=attrs\nprompt=no\n[dn]\nCN=grow-7\n[attrs]\nchallengePassword=abc123\n',
  )
  const { text } = await openssl('req', '-new', '-key', await keyFile('p256'), '-config', config)
  expect(readCsr(text)).toMatchObject({ challenge: 'abc123', commonNames: ['grow-7'] })
  expect(await readFile(config, 'utf8')).toContain('grow-7')
})
