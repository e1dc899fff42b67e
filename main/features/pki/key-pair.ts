import { createPrivateKey, generateKeyPair, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { promisify } from 'node:util'
import { assertNever } from '#contract/errors.ts'
import type { KeyAlgorithm } from './certificate-spec.ts'

export interface KeyPair {
  privateKey: KeyObject
  /** DER SubjectPublicKeyInfo. */
  publicKey: Uint8Array<ArrayBuffer>
}

const generateAsync = promisify(generateKeyPair)
let rsaTurn: Promise<unknown> = Promise.resolve()

/** Makes a key pair: EC at once (0.1 ms), RSA off the thread (0.1 to 1 s), one at a time. */
export async function makeKeyPair(algorithm: KeyAlgorithm): Promise<KeyPair> {
  switch (algorithm) {
    case 'EC P-256':
      return exported(generateKeyPairSync('ec', { namedCurve: 'P-256' }))
    case 'EC P-384':
      return exported(generateKeyPairSync('ec', { namedCurve: 'P-384' }))
    case 'RSA 2048': {
      // The thread pool is the whole process's: a batch of RSA keys must not keep files and signatures waiting.
      const turn = rsaTurn.then(() => generateAsync('rsa', { modulusLength: 2048 }))
      rsaTurn = turn.catch(() => {})
      return exported(await turn)
    }
    default:
      return assertNever(algorithm)
  }
}

/** A private key from its PKCS#8 DER, which is overwritten. */
export function takePrivateKey(pkcs8: Uint8Array): KeyObject {
  const key = createPrivateKey({
    key: Buffer.from(pkcs8.buffer, pkcs8.byteOffset, pkcs8.length),
    format: 'der',
    type: 'pkcs8',
  })
  pkcs8.fill(0)
  return key
}

/** PKCS#8 DER in memory of its own, so that it can be moved to another thread and overwritten there. */
export function privateKeyBytes(key: KeyObject): Uint8Array<ArrayBuffer> {
  const exportedKey = key.export({ format: 'der', type: 'pkcs8' })
  const own = new Uint8Array(exportedKey)
  exportedKey.fill(0)
  return own
}

function exported({ privateKey, publicKey }: { privateKey: KeyObject; publicKey: KeyObject }): KeyPair {
  return { privateKey, publicKey: new Uint8Array(publicKey.export({ format: 'der', type: 'spki' })) }
}
