import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { keyFingerprint, rawPublicKey } from '#firmware/bundle/signature.ts'
import { CliError } from '../cli-error.ts'
import { openOutputFile } from '../files/output-file.ts'
import { readSecretFile } from '../files/secret-file.ts'

/** What others may know of a key. */
export interface PublicKeyFacts {
  publicKey: string
  fingerprint: string
  pem: string
}

/** Makes the key that a publisher signs with; it is written to a file that only its owner can read. */
export async function makePublisherKey(path: string, overwrite: boolean): Promise<PublicKeyFacts> {
  const file = await openOutputFile(path, { mode: 0o600, overwrite })
  try {
    const { privateKey } = generateKeyPairSync('ed25519')
    await file.write(privateKey.export({ type: 'pkcs8', format: 'pem' }))
    await file.commit()
    return publicFacts(privateKey)
  } finally {
    await file.discard()
  }
}

/** @throws CliError `file_not_readable` for what is no Ed25519 private key */
export async function readPublisherKey(path: string): Promise<KeyObject> {
  const text = await readSecretFile(path, 'key')
  try {
    const key = createPrivateKey(text)
    if (key.asymmetricKeyType === 'ed25519') return key
  } catch {
    // Said below: what OpenSSL says of it could hold a piece of it.
  }
  throw new CliError('file_not_readable', `${path} holds no Ed25519 private key in PEM`, { file: path })
}

export function publicFacts(key: KeyObject): PublicKeyFacts {
  const open = createPublicKey(key)
  const publicKey = rawPublicKey(open)
  return {
    publicKey,
    fingerprint: keyFingerprint(publicKey),
    pem: open.export({ type: 'spki', format: 'pem' }).toString(),
  }
}
