import { createHash, createPublicKey, type KeyObject, sign, verify } from 'node:crypto'
import * as z from 'zod'
import { ExpectedError } from '#contract/errors.ts'
import { PublisherKeySchema } from '#contract/model/bundle.ts'

/**
 * `signature.json` beside the manifest: over its exact bytes. The parts are covered by their hashes in the manifest.
 */
const SignatureSchema = z.object({
  algorithm: z.literal('Ed25519'),
  publicKey: PublisherKeySchema,
  signature: z.base64().length(88),
})

/** DER of a SubjectPublicKeyInfo with an Ed25519 key, up to the key (RFC 8410 4). */
const SPKI_BEGIN = Buffer.from('302a300506032b6570032100', 'hex')

/**
 * Whose signature it is. Whether anybody trusts them is another question.
 *
 * @returns the public key, Base64 @throws ExpectedError `bundle_signature_broken`
 */
export function readSignature(signature: Uint8Array, manifest: Uint8Array): string {
  const read = SignatureSchema.safeParse(parse(signature))
  if (!read.success) throw broken(`signature.json: ${read.error.issues[0]?.message ?? 'not readable'}`)
  const { publicKey, signature: bytes } = read.data
  if (!verify(null, manifest, publicKeyOf(publicKey), Buffer.from(bytes, 'base64')))
    throw broken('it is not over this manifest.json')
  return publicKey
}

/** The text of `signature.json`. */
export function signManifest(manifest: Uint8Array, key: KeyObject): string {
  const signature = sign(null, manifest, key).toString('base64')
  const content = { algorithm: 'Ed25519', publicKey: rawPublicKey(createPublicKey(key)), signature }
  return `${JSON.stringify(content, null, 2)}\n`
}

/** The 32 bytes of an Ed25519 public key, Base64. */
export function rawPublicKey(key: KeyObject): string {
  return key.export({ type: 'spki', format: 'der' }).subarray(SPKI_BEGIN.length).toString('base64')
}

/** SHA-256 of the 32 bytes, hex: what people compare. */
export function keyFingerprint(publicKey: string): string {
  return createHash('sha256').update(Buffer.from(publicKey, 'base64')).digest('hex')
}

export function broken(cause: string): ExpectedError {
  return new ExpectedError('bundle_signature_broken', { cause })
}

function publicKeyOf(raw: string): KeyObject {
  const key = Buffer.concat([SPKI_BEGIN, Buffer.from(raw, 'base64')])
  return createPublicKey({ key, type: 'spki', format: 'der' })
}

function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch {
    return null
  }
}
