import { ExpectedError } from '#contract/errors.ts'
import type { Contacts, ExpectedCredential } from '../contacts.ts'

/** Seconds that a board has to restart, join its network and open a session. */
const WITHIN = 90

/** Resolves when the board shows itself by MQTT. @throws ExpectedError `contact_missed`; the signal's reason */
export async function awaitContact(
  contacts: Contacts,
  expected: ExpectedCredential,
  { code, signal }: { code: string; signal: AbortSignal },
): Promise<void> {
  signal.throwIfAborted()
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const leave = contacts.expect(expected, { onSession: resolve, onReading: () => {} })
  const abort = () => reject(signal.reason)
  signal.addEventListener('abort', abort, { once: true })
  const timer = setTimeout(
    () => reject(new ExpectedError('contact_missed', { code, seconds: WITHIN })),
    WITHIN * 1_000,
  )
  try {
    await promise
  } finally {
    leave()
    clearTimeout(timer)
    signal.removeEventListener('abort', abort)
  }
}
