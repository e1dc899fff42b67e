import type { ConnectPacket } from 'aedes'
import type { Policy } from '#broker/auth/policy.ts'
import { allowsClientId } from '#broker/dialects/dialects.ts'
import type { Refused } from '#broker/events/refusal-log.ts'
import type { Session } from '#broker/sessions/session.ts'

/** MQTT 3.1.1 3.2.2.3 */
export const ReturnCode = { protocol: 1, identifier: 2, notAuthorized: 5 } as const

export interface ConnectRefusal {
  returnCode: (typeof ReturnCode)[keyof typeof ReturnCode]
  refused: Refused
}

/**
 * Whether this CONNECT may open a session of the gateway whose certificate was shown. Also sees a gateway that was
 * revoked between handshake and CONNECT.
 */
export function checkConnect(session: Session, packet: ConnectPacket, policy: Policy): ConnectRefusal | null {
  const { gateway, address, fingerprint } = session
  const { clientId, will, protocolVersion = 0 } = packet
  const refuse = (
    returnCode: ConnectRefusal['returnCode'],
    reason: Refused['reason'],
    more: { topic?: string; detail?: string | null } = {},
  ): ConnectRefusal => ({
    returnCode,
    refused: {
      reason,
      address,
      fingerprint: fingerprint || null,
      gatewayId: gateway?.id ?? null,
      clientId,
      ...more,
    },
  })

  if (protocolVersion < 3 || protocolVersion > 4) {
    // [MQTT-3.1.2-2]
    const detail = `protocol level ${protocolVersion}; this site speaks MQTT 3.1 and 3.1.1`
    return refuse(ReturnCode.protocol, 'protocol_unsupported', { detail })
  }
  if (!gateway) return refuse(ReturnCode.notAuthorized, 'certificate_unknown')
  const standing = fingerprint ? policy.admit(fingerprint) : null
  if (standing && !standing.admitted) {
    return refuse(ReturnCode.notAuthorized, standing.reason, { detail: standing.detail })
  }
  const access = policy.standing(gateway)
  if (access) return refuse(ReturnCode.notAuthorized, access)
  if (!allowsClientId(gateway.dialect, gateway.identity, clientId)) {
    return refuse(ReturnCode.identifier, 'client_id_mismatch', {
      detail: `expected ${gateway.identity.wireName}`,
    })
  }
  if (!will) return null
  if ((will.qos ?? 0) > 2)
    return refuse(ReturnCode.notAuthorized, 'not_mqtt', { detail: 'a will with QoS 3' }) // [MQTT-3.1.2-14]
  if (gateway.rules.allowsWill(will.topic)) return null
  return refuse(ReturnCode.notAuthorized, 'will_denied', { topic: will.topic })
}

/** MQTT 3.1.1 3.2: type 2, remaining length 2, no session, return code. */
export function connack(returnCode: number): Buffer {
  return Buffer.from([0x20, 2, 0, returnCode])
}
