import {
  createCipheriv,
  createHash,
  generateKeyPairSync,
  hkdfSync,
  sign,
  verify,
  X509Certificate,
} from 'node:crypto'
import { ExpectedError } from '#contract/errors.ts'
import { buildCertificate } from './certificate-builder.ts'
import { makeKeyPair } from './key-pair.ts'
import { temporaryWebSpec } from './profile.ts'

/**
 * Runs each kind of cryptography that the site stands on against known answers or itself. Node's and Electron's
 * libraries differ (OpenSSL, BoringSSL), so this runs at every start, not only in our tests.
 *
 * @throws ExpectedError `crypto_self_test_failed`, naming the test
 */
export async function runCryptoSelfTest(now: number, tests = selfTests(now)): Promise<void> {
  for (const [test, run] of Object.entries(tests)) {
    let passed = false
    try {
      passed = await run()
    } catch (cause) {
      throw new ExpectedError('crypto_self_test_failed', { test }, { cause })
    }
    if (!passed) throw new ExpectedError('crypto_self_test_failed', { test })
  }
}

function selfTests(now: number): Record<string, () => boolean | Promise<boolean>> {
  return {
    // FIPS 180-4, the one-block message "abc".
    'SHA-256': () =>
      createHash('sha256').update('abc').digest('hex') ===
      'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
    'AES-256-GCM': aesGcm,
    'HKDF-SHA-256': hkdf,
    'ECDSA P-256': () => signs('P-256', 'sha256'),
    'ECDSA P-384': () => signs('P-384', 'sha384'),
    RSA: () => {
      // A short key: the arithmetic is the same, and a full-length one would cost the start half a second.
      const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 1024 })
      const signature = sign('sha256', message, privateKey)
      return (
        verify('sha256', message, publicKey, signature) && !verify('sha256', tampered, publicKey, signature)
      )
    },
    'X.509': () => certificate(now),
  }
}

const message = Buffer.from('Millwright self-test')
const tampered = Buffer.from('Millwright self-tesu')

/** The GCM specification of McGrew and Viega, test case 14: all zero. */
function aesGcm(): boolean {
  const cipher = createCipheriv('aes-256-gcm', Buffer.alloc(32), Buffer.alloc(12))
  const text = Buffer.concat([cipher.update(Buffer.alloc(16)), cipher.final()]).toString('hex')
  return (
    text === 'cea7403d4d606b6e074ec5d3baf39d18' &&
    cipher.getAuthTag().toString('hex') === 'd0d1c8a799996bf0265b98b5d48ab919'
  )
}

/** RFC 5869 A.1 */
function hkdf(): boolean {
  const salt = Buffer.from('000102030405060708090a0b0c', 'hex')
  const info = Buffer.from('f0f1f2f3f4f5f6f7f8f9', 'hex')
  const okm = Buffer.from(hkdfSync('sha256', Buffer.alloc(22, 0x0b), salt, info, 42)).toString('hex')
  return okm === '3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865'
}

function signs(namedCurve: string, hash: string): boolean {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve })
  const signature = sign(hash, message, privateKey)
  return verify(hash, message, publicKey, signature) && !verify(hash, tampered, publicKey, signature)
}

async function certificate(now: number): Promise<boolean> {
  const keys = await makeKeyPair('EC P-256')
  const other = await makeKeyPair('EC P-256')
  const der = await buildCertificate(temporaryWebSpec(['localhost'], now), keys.publicKey, {
    selfSigned: keys.privateKey,
  })
  const read = new X509Certificate(der)
  const { publicKey } = new X509Certificate(
    await buildCertificate(temporaryWebSpec(['localhost'], now), other.publicKey, {
      selfSigned: other.privateKey,
    }),
  )
  return read.verify(read.publicKey) && !read.verify(publicKey) && read.checkHost('localhost') === 'localhost'
}
