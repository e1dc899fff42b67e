import type { MqttClient } from './mqtt-client.ts'
import { isMqttPassword } from './mqtt-password.ts'
import type { PasswordGuard } from './password-guard.ts'
import type { Peer, Policy, Standing } from './policy.ts'

export interface Shown {
  username?: string | undefined
  password?: Uint8Array | undefined
}

export type PasswordVerdict =
  | { right: true; client: MqttClient }
  | { right: false; reason: 'password_wrong' | Standing; client: Peer | null; detail: string | null }

/**
 * Whose user name and password these are. Whoever knows no password learns nothing: an unknown name, a wrong password and
 * too many of them are answered alike, and take the same time.
 */
export function checkPassword(
  { username, password }: Shown,
  address: string,
  policy: Policy,
  guard: PasswordGuard,
): PasswordVerdict {
  const wrong = (client: MqttClient | null, detail: string | null): PasswordVerdict => ({
    right: false,
    reason: 'password_wrong',
    client,
    detail,
  })
  if (username === undefined || password === undefined)
    return wrong(null, 'no user name and password were sent')
  if (!guard.hears(address, username)) return wrong(null, 'too many wrong passwords from this address')
  const client = policy.findByUsername(username) ?? null
  if (!isMqttPassword(password, client?.identity.password ?? null) || client === null) {
    guard.wrong(address)
    return wrong(client, client ? null : 'no such user name')
  }
  guard.right(address, username)
  const standing = policy.standing(client)
  if (standing) return { right: false, reason: standing, client, detail: null }
  return { right: true, client }
}
