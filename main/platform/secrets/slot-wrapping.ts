import { randomBytes, randomUUIDv7, scrypt } from 'node:crypto'
import { assertNever } from '#contract/errors.ts'
import { sealBox } from './gcm-box.ts'
import type { KeySlot, ScryptCost } from './key-slots.ts'
import { makeRecoveryCode, recoveryWrappingKey } from './recovery-code.ts'

/** How a new slot shall open the site key. */
export type SlotRequest =
  | { kind: 'key-file' }
  | { kind: 'passphrase'; passphrase: string; cost?: ScryptCost }
  | { kind: 'recovery-code' }
  /** 32 bytes that the host keeps: an OS keychain or a systemd credential. */
  | { kind: 'external'; wrappingKey: Uint8Array }

export interface WrappedSlot {
  slot: KeySlot
  /** For the slot kind `key-file`: what goes into the file. */
  keyFile?: Buffer
  /** For the slot kind `recovery-code`: shown once, kept nowhere. */
  recoveryCode?: string
}

/** 128 MiB and about half a second, once at start: OWASP's first choice for scrypt. */
const defaultCost: ScryptCost = { N: 2 ** 17, r: 8, p: 1 }

/** Wraps the site key for one way of opening it. The slot's kind and id are bound as associated data. */
export async function wrapSiteKey(
  siteKey: Uint8Array,
  request: SlotRequest,
  now: number,
): Promise<WrappedSlot> {
  const head = { id: randomUUIDv7(), createdAt: now }
  switch (request.kind) {
    case 'key-file': {
      const keyFile = randomBytes(32)
      return {
        slot: { kind: 'key-file', ...head, wrapped: wrap(keyFile, siteKey, 'key-file', head.id) },
        keyFile,
      }
    }
    case 'passphrase': {
      const salt = randomBytes(16)
      const cost = request.cost ?? defaultCost
      const key = await passphraseWrappingKey(request.passphrase, salt, cost)
      const wrapped = wrap(key, siteKey, 'passphrase', head.id)
      key.fill(0)
      return { slot: { kind: 'passphrase', ...head, wrapped, salt, cost } }
    }
    case 'recovery-code': {
      const salt = randomBytes(16)
      const recoveryCode = makeRecoveryCode()
      const key = recoveryWrappingKey(recoveryCode, salt)
      const wrapped = wrap(key, siteKey, 'recovery-code', head.id)
      key.fill(0)
      return { slot: { kind: 'recovery-code', ...head, wrapped, salt }, recoveryCode }
    }
    case 'external': {
      const wrapped = wrap(request.wrappingKey, siteKey, 'external', head.id)
      return { slot: { kind: 'external', ...head, wrapped } }
    }
    default:
      return assertNever(request)
  }
}

/** What a slot's wrapped key is bound to: a slot cannot pose as another. */
export function slotBinding(kind: KeySlot['kind'], id: string): string {
  return `millwright/site-key:${kind}:${id}`
}

/** RFC 7914. The passphrase is normalised (NFKC), so that keyboards of different systems type the same one. */
export function passphraseWrappingKey(
  passphrase: string,
  salt: Uint8Array,
  cost: ScryptCost,
): Promise<Buffer> {
  // The memory scrypt needs is 128 * N * r, with some room.
  const options = { ...cost, maxmem: 128 * cost.N * cost.r + 64 * 1024 * 1024 }
  return new Promise((resolve, reject) => {
    scrypt(passphrase.normalize('NFKC'), salt, 32, options, (error, key) =>
      error ? reject(error) : resolve(key),
    )
  })
}

function wrap(
  wrappingKey: Uint8Array,
  siteKey: Uint8Array,
  kind: KeySlot['kind'],
  id: string,
): Buffer<ArrayBuffer> {
  if (wrappingKey.length !== 32) throw new Error('A wrapping key has 32 bytes')
  return Buffer.from(sealBox(wrappingKey, siteKey, slotBinding(kind, id)))
}
