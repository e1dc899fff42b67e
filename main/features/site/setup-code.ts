import { randomBytes, timingSafeEqual } from 'node:crypto'
import { ExpectedError } from '#contract/errors.ts'
import { AttemptLimit } from '#platform/limits/attempt-limit.ts'

const MINUTE = 60_000

// Crockford's base 32: no I, L, O or U to misread.
const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'

/** An 80-bit code for the person who can read the console, so that nobody on the network takes a fresh site. */
export class SetupCode {
  readonly #code = makeCode()
  /** By address, so that whoever guesses does not keep the person with the code out. */
  readonly #wrong = new AttemptLimit(5, MINUTE)

  /** `XXXX-XXXX-XXXX-XXXX`. */
  get text(): string {
    return this.#code.replace(/(.{4})(?=.)/g, '$1-')
  }

  /** Five wrong codes a minute from one address. @throws ExpectedError `setup_code_wrong`, `too_many_requests` */
  check(given: string, address: string, now: number): void {
    const wait = this.#wrong.wait(address, now)
    if (wait > 0) throw new ExpectedError('too_many_requests', { seconds: Math.ceil(wait / 1000) })
    const plain = given
      .toUpperCase()
      .replace(/[^0-9A-Z]/g, '')
      .replaceAll('O', '0')
      .replace(/[IL]/g, '1')
    const isRight =
      plain.length === this.#code.length && timingSafeEqual(Buffer.from(plain), Buffer.from(this.#code))
    if (isRight) return
    this.#wrong.fail(address, now)
    throw new ExpectedError('setup_code_wrong')
  }
}

function makeCode(): string {
  return [...randomBytes(16)].map((byte) => alphabet[byte & 31]).join('')
}
