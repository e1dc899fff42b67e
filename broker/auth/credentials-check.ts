import { createHash, timingSafeEqual } from 'node:crypto'
import type { Gateway } from './gateway.ts'
import type { MqttClient } from './mqtt-client.ts'
import { isMqttPassword } from './mqtt-password.ts'
import type { PasswordGuard } from './password-guard.ts'
import type { Peer, Policy, Standing } from './policy.ts'

export interface Shown {
  username?: string | undefined
  password?: Uint8Array | undefined
}

/** Whose the password is. `secretId` is that of a gateway's secret, `hash` that of a client's password. */
export type Proved =
  | { peer: MqttClient; hash: string; secretId: null }
  | { peer: Gateway; hash: null; secretId: string }

export type PasswordVerdict =
  | ({ right: true } & Proved)
  | {
      right: false
      reason: 'password_missing' | 'password_wrong' | Standing
      peer: Peer | null
      detail: string | null
    }

/** As many passwords are compared whoever is asked for: more than that have one name only where names collide. */
const COMPARED = 2

/**
 * Whose user name and password these are: an MQTT client's, or a gateway's that comes with a secret. Whoever knows no
 * password learns nothing: an unknown name, a wrong password and too many of them are answered alike, and take the same time.
 */
export function checkPassword(
  { username, password }: Shown,
  address: string,
  policy: Policy,
  guard: PasswordGuard,
): PasswordVerdict {
  const wrong = (peer: Peer | null, detail: string | null): PasswordVerdict => ({
    right: false,
    reason: 'password_wrong',
    peer,
    detail,
  })
  if (username === undefined || password === undefined) {
    const detail = username === undefined ? 'no user name and password were sent' : 'no password was sent'
    return { right: false, reason: 'password_missing', peer: null, detail }
  }
  if (!guard.hears(address, username)) return wrong(null, 'too many wrong passwords from this address')
  const peers = policy.findByUsername(username)
  const proved = whose(password, peers)
  if (proved === null) {
    guard.wrong(address)
    const [peer = null] = peers
    return wrong(peer, peer === null ? 'no such user name' : withoutPassword(peer))
  }
  guard.right(address, username)
  const standing = policy.standing(proved.peer)
  if (standing) return { right: false, reason: standing, peer: proved.peer, detail: null }
  return { right: true, ...proved }
}

export type FingerprintProblem = { reason: 'password_missing' | 'password_wrong'; detail: string }

/**
 * What a gateway with `both` sends beside its certificate: one of its names, and the certificate's SHA-256 as password, in
 * hex of either case, with colons or without (002). It is no secret, and so it counts for nothing but here.
 *
 * @param fingerprint of the certificate that was shown, lower-case hex
 */
export function fingerprintProblem(
  { username, password }: Shown,
  gateway: Gateway,
  fingerprint: string,
): FingerprintProblem | null {
  if (username === undefined || password === undefined)
    return {
      reason: 'password_missing',
      detail: 'expected its id as user name, and the fingerprint of its certificate as password',
    }
  if (!gateway.signInNames.has(username.toLowerCase()))
    return { reason: 'password_wrong', detail: 'the user name is none of this gateway' }
  const sent = Buffer.from(password).toString('latin1').replaceAll(':', '').toLowerCase()
  if (isSame(sent, fingerprint)) return null
  return {
    reason: 'password_wrong',
    detail: 'the password is not the SHA-256 of the certificate that was shown',
  }
}

function whose(password: Uint8Array, peers: readonly Peer[]): Proved | null {
  let found: Proved | null = null
  let compared = 0
  for (const { kept, proved } of peers.flatMap(provable)) {
    compared += 1
    if (isMqttPassword(password, kept)) found ??= proved
  }
  for (; compared < COMPARED; compared += 1) isMqttPassword(password, null)
  return found
}

function provable(peer: Peer): { kept: { salt: string; hash: string }; proved: Proved }[] {
  if (peer.kind === 'client') {
    const { password } = peer.identity
    return password === null
      ? []
      : [{ kept: password, proved: { peer, hash: password.hash, secretId: null } }]
  }
  // Of others a password alone never counts, whatever is stored of them.
  if (peer.identity.credential !== 'secret') return []
  return peer.identity.secrets.map(({ id, salt, hash }) => ({
    kept: { salt, hash },
    proved: { peer, hash: null, secretId: id },
  }))
}

function withoutPassword(peer: Peer): string | null {
  if (peer.kind === 'client' || peer.identity.credential === 'secret') return null
  return 'this gateway comes with its certificate: to 8883, not here'
}

/** In a time that depends on neither. */
function isSame(one: string, other: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(one), digest(other))
}
