import { randomBytes, timingSafeEqual } from 'node:crypto'
import { ExpectedError } from '#contract/errors.ts'

// Crockford's base 32: no I, L, O or U to misread.
const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'

/** An 80-bit code for the person who can read the console, so that nobody on the network takes a fresh site. */
export class SetupCode {
  readonly #code = makeCode()
  #failures = 0
  #refusedUntil = 0

  /** `XXXX-XXXX-XXXX-XXXX`. */
  get text(): string {
    return this.#code.replace(/(.{4})(?=.)/g, '$1-')
  }

  /** After five wrong codes each further try waits longer. @throws ExpectedError `setup_code_wrong`, `too_many_requests` */
  check(given: string, now: number): void {
    if (now < this.#refusedUntil)
      throw new ExpectedError('too_many_requests', { seconds: Math.ceil((this.#refusedUntil - now) / 1000) })
    const plain = given
      .toUpperCase()
      .replace(/[^0-9A-Z]/g, '')
      .replaceAll('O', '0')
      .replace(/[IL]/g, '1')
    const isRight =
      plain.length === this.#code.length && timingSafeEqual(Buffer.from(plain), Buffer.from(this.#code))
    if (isRight) return
    if (++this.#failures >= 5) this.#refusedUntil = now + 1000 * 2 ** Math.min(this.#failures - 5, 8)
    throw new ExpectedError('setup_code_wrong')
  }
}

function makeCode(): string {
  return [...randomBytes(16)].map((byte) => alphabet[byte & 31]).join('')
}
