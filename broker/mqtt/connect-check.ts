import { randomUUID } from 'node:crypto'
import type { ConnectPacket } from 'aedes'
import { checkPassword, fingerprintProblem } from '#broker/auth/credentials-check.ts'
import type { Gateway } from '#broker/auth/gateway.ts'
import type { MqttClient } from '#broker/auth/mqtt-client.ts'
import type { PasswordGuard } from '#broker/auth/password-guard.ts'
import type { Peer, Policy } from '#broker/auth/policy.ts'
import { allowsClientId } from '#broker/dialects/dialects.ts'
import type { Session } from '#broker/sessions/session.ts'
import type { RefusalReason } from '#contract/model/refusal.ts'

/** MQTT 3.1.1 3.2.2.3 */
export const ReturnCode = {
  protocol: 1,
  identifier: 2,
  unavailable: 3,
  password: 4,
  notAuthorized: 5,
} as const

export interface ConnectRefusal {
  accepted: false
  returnCode: (typeof ReturnCode)[keyof typeof ReturnCode]
  reason: RefusalReason
  peer: Peer | null
  topic: string | null
  detail: string | null
}

/** `clientId` is what the session is kept under: nobody else's can be. */
export type ConnectVerdict = { accepted: true; peer: Peer; clientId: string } | ConnectRefusal

export interface ConnectContext {
  policy: Policy
  guard: PasswordGuard
  /** Sessions that one MQTT client may have. */
  sessionsPerClient: number
  /** Ids under which sessions of an MQTT client are kept, connected or not. */
  keptSessions(client: MqttClient): ReadonlySet<string>
}

/** The client ids of MQTT clients, in bytes; MQTT 3.1.1 3.1.3.1 asks for 23 at least. */
const CLIENT_ID_BYTES = 128

/**
 * Whether this CONNECT may open a session, and whose: of the certificate that was shown, else of user name and password.
 * Also sees a credential that was revoked between handshake and CONNECT.
 */
export function checkConnect(
  session: Session,
  packet: ConnectPacket,
  context: ConnectContext,
): ConnectVerdict {
  const { protocolVersion = 0 } = packet
  if (protocolVersion < 3 || protocolVersion > 4) {
    // [MQTT-3.1.2-2]
    const detail = `protocol level ${protocolVersion}; this site speaks MQTT 3.1 and 3.1.1`
    return refusal(ReturnCode.protocol, 'protocol_unsupported', session.peer, { detail })
  }
  const identified = identify(session, packet, context)
  if (!identified.accepted) return identified
  const { peer } = identified
  // Whoever only reads sends nothing that would count.
  const sends = peer.kind === 'gateway' || peer.mayPublish
  if (sends && context.policy.tenants.isUsedUp(peer.identity.tenantId))
    return refusal(ReturnCode.unavailable, 'quota_exceeded', peer)
  const named =
    peer.kind === 'gateway' ? gatewaySession(session, peer, packet) : clientSession(peer, packet, context)
  if (!named.accepted || !packet.will) return named
  const { will } = packet
  if ((will.qos ?? 0) > 2)
    return refusal(ReturnCode.notAuthorized, 'not_mqtt', peer, { detail: 'a will with QoS 3' }) // [MQTT-3.1.2-14]
  const allowed =
    peer.kind === 'gateway' ? peer.rules.allowsWill(will.topic) : peer.writing(will.topic) !== null
  return allowed ? named : refusal(ReturnCode.notAuthorized, 'will_denied', peer, { topic: will.topic })
}

function identify(
  session: Session,
  packet: ConnectPacket,
  { policy, guard }: ConnectContext,
): { accepted: true; peer: Peer } | ConnectRefusal {
  if (session.fingerprint) {
    const admission = policy.admit(session.fingerprint)
    if (!admission.admitted)
      return refusal(ReturnCode.notAuthorized, admission.reason, admission.peer, { detail: admission.detail })
    const { peer, probe } = admission
    session.probe = probe
    // Of all others, what user name and password say is not looked at.
    const problem =
      peer.kind === 'gateway' && peer.identity.credential === 'both'
        ? fingerprintProblem(packet, peer, session.fingerprint)
        : null
    if (problem === null) return { accepted: true, peer }
    return refusal(ReturnCode.password, problem.reason, peer, { detail: problem.detail })
  }
  if (session.listener === 'plain') {
    const gateway = policy.findByWireName(packet.clientId)
    const reason = gateway ? policy.standing(gateway) : 'certificate_unknown'
    if (gateway && reason === null) return { accepted: true, peer: gateway }
    return refusal(ReturnCode.notAuthorized, reason ?? 'certificate_unknown', gateway ?? null)
  }
  const verdict = checkPassword(packet, session.address, policy, guard)
  if (verdict.right) {
    session.passwordHash = verdict.hash
    session.secretId = verdict.secretId
    return { accepted: true, peer: verdict.peer }
  }
  const { reason, peer, detail } = verdict
  const isPassword = reason === 'password_wrong' || reason === 'password_missing'
  const code = isPassword ? ReturnCode.password : ReturnCode.notAuthorized
  return refusal(code, reason, peer, { detail })
}

function gatewaySession(session: Session, gateway: Gateway, packet: ConnectPacket): ConnectVerdict {
  const { wireName } = gateway.identity
  const { clientId, clean } = packet
  if (!allowsClientId(gateway.dialect, gateway.identity, clientId))
    return refusal(ReturnCode.identifier, 'client_id_mismatch', gateway, { detail: `expected ${wireName}` })
  if (clientId === '' && !clean) return namelessRefusal(gateway)
  // An alias of the dialect names the same session.
  return { accepted: true, peer: gateway, clientId: session.probe ? beside(session, packet) : wireName }
}

/** Neither takes over the gateway's own session nor leaves a trace. */
function beside({ id }: Session, packet: ConnectPacket): string {
  packet.clean = true
  delete packet.will
  return `probe/${id}`
}

function clientSession(
  client: MqttClient,
  { clientId: sent, clean }: ConnectPacket,
  { keptSessions, sessionsPerClient }: ConnectContext,
): ConnectVerdict {
  if (sent === '' && !clean) return namelessRefusal(client)
  if (Buffer.byteLength(sent) > CLIENT_ID_BYTES) {
    const detail = `a client id of more than ${CLIENT_ID_BYTES} bytes`
    return refusal(ReturnCode.identifier, 'client_id_mismatch', client, { detail })
  }
  // The id of a record holds no slash, so neither another client nor a gateway has a session of this name.
  const clientId = `${client.id}/${sent || randomUUID()}`
  const kept = keptSessions(client)
  if (kept.has(clientId) || client.live.has(clientId)) return { accepted: true, peer: client, clientId }
  if (new Set([...kept, ...client.live.keys()]).size < sessionsPerClient)
    return { accepted: true, peer: client, clientId }
  return refusal(ReturnCode.identifier, 'too_many_sessions', client, {
    detail: `${sessionsPerClient} sessions`,
  })
}

/** [MQTT-3.1.3-8] */
function namelessRefusal(peer: Peer): ConnectRefusal {
  const detail = 'an empty client id goes with a clean session only'
  return refusal(ReturnCode.identifier, 'client_id_mismatch', peer, { detail })
}

function refusal(
  returnCode: ConnectRefusal['returnCode'],
  reason: RefusalReason,
  peer: Peer | null,
  { topic = null, detail = null }: { topic?: string | null; detail?: string | null } = {},
): ConnectRefusal {
  return { accepted: false, returnCode, reason, peer, topic, detail }
}

/** MQTT 3.1.1 3.2: type 2, remaining length 2, no session, return code. */
export function connack(returnCode: number): Buffer {
  return Buffer.from([0x20, 2, 0, returnCode])
}
