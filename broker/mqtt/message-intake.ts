import type { PublishPacket } from 'aedes'
import type { Gateway } from '#broker/auth/gateway.ts'
import type { Policy } from '#broker/auth/policy.ts'
import type { ToSite } from '#broker/dialects/dialect.ts'
import type { RefusalLog } from '#broker/events/refusal-log.ts'
import type { IngestQueue } from '#broker/ingest/ingest-queue.ts'
import type { Telemetry } from '#broker/ingest/telemetry.ts'
import type { SqlitePersistence } from '#broker/persistence/sqlite-persistence.ts'
import type { BrokerEvent, BrokerLimits } from '#broker/port.ts'
import type { Acknowledger } from '#broker/sessions/acknowledger.ts'
import { type Session, sessionOf } from '#broker/sessions/session.ts'
import type { RefusalReason } from '#contract/model/refusal.ts'
import type { AedesClient } from './aedes-internals.ts'

export interface IntakeParts {
  policy: Policy
  telemetry: Telemetry
  queue: IngestQueue
  acknowledger: Acknowledger
  persistence: SqlitePersistence
  refusals: RefusalLog
  limits: BrokerLimits
  emit(event: BrokerEvent): void
  now(): number
  /** Retains and routes a message; calls back when what others will receive is on disk. */
  route(packet: object, client: AedesClient | null, done: Done): void
}

type Done = (error?: Error | null) => void

/** Payload of a packet that was dealt with here: aedes has only its bookkeeping left to do. */
export const CONSUMED = Buffer.alloc(0)
const EXCERPT = 100

/**
 * Every PUBLISH of a gateway, in aedes' `authorizePublish`: the one place before the acknowledgement. aedes would acknowledge
 * QoS 1 first and publish after; here the message is on disk first. A PUBACK is written by the `Acknowledger`
 * and aedes is told QoS 0. For QoS 2 the same holds for the PUBREC, after which the sender forgets the message.
 */
export class MessageIntake {
  messages = 0
  readings = 0
  dropped = 0
  private readonly parts: IntakeParts

  constructor(parts: IntakeParts) {
    this.parts = parts
  }

  /** A PUBLISH, or (it has no `cmd`) the last will of a client that is gone. */
  authorize(client: AedesClient | null, packet: PublishPacket, done: Done): void {
    if (client && packet.cmd === 'publish') this.receive(client, packet, done)
    else this.receiveWill(client, packet, done)
  }

  private receive(client: AedesClient, packet: PublishPacket, done: Done): void {
    const session = sessionOf(client.conn)
    // Bytes of a session that was just ended: nothing of it counts any more, and nothing is answered.
    if (!session?.gateway || !session.ready || session.socket.destroyed) return
    this.messages += 1
    if (packet.qos > 0 && !isPacketId(packet.messageId)) {
      done(new Error('a packet identifier is 1 to 65535')) // [MQTT-2.3.1-1]
      return
    }
    const rule = session.gateway.rules.publishing(packet.topic)
    if (!rule) this.deny(session, packet, done)
    else if (packet.qos === 2 && this.parts.persistence.incoming.has(client.id, packet.messageId ?? 0))
      done() // [MQTT-4.3.3-2]
    else if (rule.kind === 'telemetry') this.ingest(session, session.gateway, rule, packet, done)
    else this.pass(session, session.gateway, rule.kind, packet, done)
  }

  /** The last will of a session that ended without DISCONNECT. Its topic was checked at CONNECT. */
  private receiveWill(client: AedesClient | null, will: PublishPacket, done: Done): void {
    const gateway = this.parts.policy.findByWireName(client?.id ?? '')
    const rule = gateway?.rules.publishing(will.topic)
    if (!gateway || !rule || this.parts.policy.standing(gateway) === 'gateway_revoked') {
      done(new Error('the gateway has no rights any more'))
      return
    }
    this.tell(gateway, rule.kind, will)
    done()
  }

  /** A message of a kind that the engine reads. */
  tell(gateway: Gateway, kind: ToSite['kind'], { payload }: Pick<PublishPacket, 'payload'>): void {
    if (kind === 'telemetry') return
    // A copy: the bytes lie in a larger buffer, which would be copied whole on its way to the other thread.
    const bytes = new Uint8Array(Buffer.from(payload))
    this.parts.emit({
      type: 'messageReceived',
      gatewayId: gateway.id,
      kind,
      at: this.parts.now(),
      payload: bytes,
    })
  }

  private ingest(session: Session, gateway: Gateway, rule: ToSite, packet: PublishPacket, done: Done): void {
    const payload = packet.payload as Buffer
    const { qos, dup, messageId: packetId = 0 } = packet
    const taken = this.parts.telemetry.take(gateway, rule.codec ?? 'values', { payload, qos, dup, packetId })
    const settle = this.settler(session, packet, done)
    switch (taken.outcome) {
      case 'taken':
        this.readings += taken.rows
        if (qos === 0) settle()
        if (taken.rows > 0) this.parts.queue.added(taken.rows, qos === 0 ? null : settle)
        else if (qos > 0) this.settleNow(settle)
        return
      case 'dropped':
        this.dropped += taken.rows
        settle()
        return
      case 'refused':
        // Redelivery would not help, so it is acknowledged.
        this.refuse(session, taken.reason, packet, `${taken.detail}: ${payload.toString('utf8', 0, EXCERPT)}`)
        this.settleNow(settle)
        return
    }
  }

  private pass(
    session: Session,
    gateway: Gateway,
    kind: Exclude<ToSite['kind'], 'telemetry'>,
    packet: PublishPacket,
    done: Done,
  ): void {
    const { topic, payload, qos } = packet
    const settle = this.settler(session, packet, done)
    this.tell(gateway, kind, packet)
    const retain = packet.retain && this.mayRetain(session, packet)
    this.parts.route({ cmd: 'publish', topic, payload, qos, retain }, session.client, (error) => {
      if (!error) return this.settleNow(settle)
      // Not kept, so not acknowledged: the gateway sends it again.
      this.refuse(session, 'queue_full', packet, error.message)
      session.end('refused')
    })
  }

  private mayRetain(session: Session, packet: PublishPacket): boolean {
    const { retained } = this.parts.persistence
    if (packet.payload.length === 0 || retained.count < this.parts.limits.retainedMessages) return true
    if (retained.has(packet.topic)) return true
    this.refuse(session, 'queue_full', packet, `${retained.count} retained messages`)
    return false
  }

  /** An acknowledged message was taken. So this one is not: the connection ends [MQTT-3.3.5-2]; QoS 0 is dropped. */
  private deny(session: Session, packet: PublishPacket, done: Done): void {
    this.refuse(session, 'topic_denied', packet, null)
    if (packet.qos > 0) {
      session.end('refused')
      return
    }
    packet.payload = CONSUMED
    done()
  }

  /** What is to happen once the message is dealt with; keeps its place among the acknowledgements. */
  private settler(session: Session, packet: PublishPacket, done: Done): () => void {
    const { acknowledger } = this.parts
    const owed = packet.qos === 1 ? acknowledger.expect(session, packet.messageId ?? 0) : null
    return () => {
      if (owed) {
        acknowledger.ready(session, owed)
        packet.qos = 0
      }
      packet.payload = CONSUMED
      done()
    }
  }

  private settleNow(settle: () => void): void {
    settle()
    this.parts.acknowledger.flush()
  }

  private refuse(
    session: Session,
    reason: RefusalReason,
    { topic }: PublishPacket,
    detail: string | null,
  ): void {
    const { address, fingerprint, clientId, gateway } = session
    const gatewayId = gateway?.id ?? null
    this.parts.refusals.record({
      reason,
      address,
      gatewayId,
      fingerprint: fingerprint || null,
      clientId,
      topic,
      detail,
    })
  }
}

function isPacketId(id: number | undefined): boolean {
  return id !== undefined && id >= 1 && id <= 65_535
}
