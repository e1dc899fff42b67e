import { hash, verify } from '@node-rs/argon2'

// OWASP's floor for Argon2id: 19 MiB, two passes, one lane.
const cost = { memoryCost: 19_456, timeCost: 2, parallelism: 1 }

/** Argon2id with the site's pepper as the secret input (RFC 9106 3.1), so that a copied database alone is not enough. */
export class PasswordHashes {
  readonly #pepper: () => Uint8Array
  /** What an unknown account's password is compared with. */
  #decoy: Promise<string> | null = null

  constructor(pepper: () => Uint8Array) {
    this.#pepper = pepper
  }

  make(password: string): Promise<string> {
    return hash(normalize(password), { ...cost, secret: this.#pepper() })
  }

  /** Takes as long for an unknown user (`null`) as for a known one. */
  async matches(stored: string | null, password: string): Promise<boolean> {
    // Made once, and awaited for everyone: making it for unknown accounts only would double their time.
    const decoy = await (this.#decoy ??= this.make('an account that does not exist'))
    const matches = await verify(stored ?? decoy, normalize(password), { secret: this.#pepper() })
    return matches && stored !== null
  }
}

// NIST SP 800-63B 5.1.1.2: Unicode passwords are normalized before hashing.
function normalize(password: string): string {
  return password.normalize('NFKC')
}
