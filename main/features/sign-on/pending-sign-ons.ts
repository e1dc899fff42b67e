import { createHash, timingSafeEqual } from 'node:crypto'
import type { Clock } from '#platform/clock/clock.ts'

/** How long a person has at the provider, ms. */
export const PENDING_FOR = 10 * 60_000
const MOST = 10_000
const MOST_OF_ADDRESS = 20

export interface PendingSignOn {
  providerId: string
  nonce: string
  codeVerifier: string
  redirectUri: string
  /** The page that was asked for. */
  to: string
}

type Kept = PendingSignOn & { bindingHash: Buffer; address: string; expiresAt: number }

/**
 * Sign-ins that have gone to a provider and not come back, by their `state`. Each counts once, for ten minutes, in the
 * browser that began it. In memory and bounded: a flood from one address pushes out its own first.
 */
export class PendingSignOns {
  readonly #clock: Clock
  readonly #byState = new Map<string, Kept>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** @param binding what only the browser that began it has in its cookie */
  put(
    state: string,
    pending: PendingSignOn,
    { binding, address }: { binding: string; address: string },
  ): void {
    const now = this.#clock.now()
    for (const [old, { expiresAt }] of this.#byState) {
      // Oldest first: whatever follows lives longer.
      if (expiresAt > now) break
      this.#byState.delete(old)
    }
    const ofAddress = [...this.#byState].filter(([, kept]) => kept.address === address)
    const first =
      ofAddress.length >= MOST_OF_ADDRESS
        ? ofAddress[0]
        : this.#byState.size >= MOST
          ? [...this.#byState][0]
          : undefined
    if (first !== undefined) this.#byState.delete(first[0])
    this.#byState.set(state, {
      ...pending,
      bindingHash: digest(binding),
      address,
      expiresAt: now + PENDING_FOR,
    })
  }

  /** Takes it out, so that it never counts again; null where there is none, or it is not this browser's. */
  take(state: string, binding: string): PendingSignOn | null {
    const kept = this.#byState.get(state)
    this.#byState.delete(state)
    if (kept === undefined || kept.expiresAt <= this.#clock.now()) return null
    return timingSafeEqual(kept.bindingHash, digest(binding)) ? kept : null
  }
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
