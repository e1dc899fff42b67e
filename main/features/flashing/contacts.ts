import type { ReadingValue } from '#contract/model/reading.ts'

/** A credential that opened a session. */
export interface ProvedSession {
  fingerprint: string
  secretId: string | null
}

/** A reading that was stored, of a gateway that somebody waits for. */
export interface HeardReading {
  gatewayId: string
  /** As the gateway calls it, and as people do. */
  key: string
  name: string
  value: ReadingValue
  unit: string | null
  /** ms */
  at: number
}

/** Who it is by what it proves itself with. */
export interface ExpectedCredential {
  gatewayId: string
  /** Of the certificate, lower-case hex; null where it has a secret alone. */
  fingerprint: string | null
  secretId: string | null
}

interface Waiting {
  credential: ExpectedCredential
  onSession(): void
  onReading(reading: HeardReading): void
}

/** Boards that were let go, and are to show themselves by MQTT: by the very credential that was written into them. */
export class Contacts {
  readonly #waiting = new Set<Waiting>()

  /** @returns how to stop waiting */
  expect(credential: ExpectedCredential, listener: Omit<Waiting, 'credential'>): () => void {
    const waiting = { credential, ...listener }
    this.#waiting.add(waiting)
    return () => void this.#waiting.delete(waiting)
  }

  /** Sessions were opened, and are on disk. */
  proved(sessions: readonly ProvedSession[]): void {
    for (const waiting of this.#waiting) {
      const { fingerprint, secretId } = waiting.credential
      const isIt = sessions.some((session) =>
        fingerprint === null
          ? secretId !== null && session.secretId === secretId
          : session.fingerprint === fingerprint,
      )
      if (isIt) waiting.onSession()
    }
  }

  /** Whose readings somebody waits for: most of the time nobody's. */
  isWaitedFor(gatewayId: string): boolean {
    for (const { credential } of this.#waiting) if (credential.gatewayId === gatewayId) return true
    return false
  }

  get isIdle(): boolean {
    return this.#waiting.size === 0
  }

  /** It is in the store. */
  heard(reading: HeardReading): void {
    for (const waiting of this.#waiting)
      if (waiting.credential.gatewayId === reading.gatewayId) waiting.onReading(reading)
  }
}
