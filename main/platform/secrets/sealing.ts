import { createSecretKey, type KeyObject } from 'node:crypto'
import { ExpectedError } from '#contract/errors.ts'
import { boxOverhead, openBox, sealBox } from './gcm-box.ts'
import type { SiteKey } from './site-key.ts'

/** The first byte of each box, so that a later format can be told apart. */
const format = 1

/**
 * Seals what must not lie readable on disk: CA keys, undelivered gateway keys, cloud credentials. Each purpose
 * has its own AES-256-GCM key, and each box is bound to `purpose:id`, so that it opens in its own place only.
 */
export class Sealer {
  readonly #siteKey: SiteKey
  readonly #keys = new Map<string, KeyObject>()

  constructor(siteKey: SiteKey) {
    this.#siteKey = siteKey
  }

  /** A box: format byte, nonce, ciphertext, tag. `purpose` is one kebab-case word of the calling feature. */
  seal(purpose: string, id: string, plaintext: Uint8Array): Uint8Array<ArrayBuffer> {
    const box = sealBox(this.#keyOf(purpose), plaintext, `${purpose}:${id}`)
    const framed = new Uint8Array(1 + box.length)
    framed[0] = format
    framed.set(box, 1)
    return framed
  }

  /** @throws ExpectedError `data_damaged` when the box is damaged, from another place or from another site */
  open(purpose: string, id: string, box: Uint8Array): Buffer {
    const known = box[0] === format && box.length > boxOverhead
    const plaintext = known ? openBox(this.#keyOf(purpose), box.subarray(1), `${purpose}:${id}`) : null
    if (plaintext) return plaintext
    const cause = known ? 'it does not open under the site key' : 'its format is unknown'
    throw new ExpectedError('data_damaged', { file: `Sealed secret ${purpose}:${id}`, cause })
  }

  /** 32 bytes for a use that seals nothing: the audit's HMAC key, the pepper of passwords. */
  derive(purpose: string): Buffer {
    return this.#siteKey.derive(`derive/${checked(purpose)}`)
  }

  #keyOf(purpose: string): KeyObject {
    let key = this.#keys.get(purpose)
    if (!key) {
      const bytes = this.#siteKey.derive(`seal/${checked(purpose)}`)
      key = createSecretKey(bytes)
      bytes.fill(0)
      this.#keys.set(purpose, key)
    }
    return key
  }
}

/** A colon in a purpose would let two pairs of purpose and id share one binding. */
function checked(purpose: string): string {
  if (!/^[a-z][a-z0-9-]*$/.test(purpose)) throw new Error(`Not a purpose: ${JSON.stringify(purpose)}`)
  return purpose
}
