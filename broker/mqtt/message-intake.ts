import type { PublishPacket } from 'aedes'
import type { Gateway } from '#broker/auth/gateway.ts'
import type { MqttClient } from '#broker/auth/mqtt-client.ts'
import type { Peer, Policy } from '#broker/auth/policy.ts'
import type { ToSite } from '#broker/dialects/dialect.ts'
import type { RefusalLog } from '#broker/events/refusal-log.ts'
import { refusedOn } from '#broker/events/refused-session.ts'
import type { IngestQueue } from '#broker/ingest/ingest-queue.ts'
import type { Telemetry } from '#broker/ingest/telemetry.ts'
import type { MessageLimits } from '#broker/limits/message-limits.ts'
import type { WithheldAcks } from '#broker/limits/withheld-acks.ts'
import type { SqlitePersistence } from '#broker/persistence/sqlite-persistence.ts'
import type { BrokerEvent, BrokerLimits } from '#broker/port.ts'
import type { Acknowledger } from '#broker/sessions/acknowledger.ts'
import type { Receipts } from '#broker/sessions/receipts.ts'
import { type Session, sessionOf } from '#broker/sessions/session.ts'
import type { TopicTap } from '#broker/tap/topic-tap.ts'
import type { AedesClient } from './aedes-internals.ts'
import type { Audience } from './audience.ts'
import type { Routed } from './router.ts'

export interface IntakeParts {
  policy: Policy
  telemetry: Telemetry
  queue: IngestQueue
  acknowledger: Acknowledger
  persistence: SqlitePersistence
  refusals: RefusalLog
  limits: BrokerLimits
  audience: Audience
  messageLimits: MessageLimits
  withheld: WithheldAcks
  receipts: Receipts
  tap: TopicTap
  emit(event: BrokerEvent): void
  now(): number
  /** Retains and routes a message; calls back when what others will receive is on disk. */
  route(message: Routed, client: AedesClient | null, done: Done): void
}

type Done = (error?: Error | null) => void

/** Payload of a packet that was dealt with here: aedes has only its bookkeeping left to do. */
export const CONSUMED = Buffer.alloc(0)
const EXCERPT = 100

/**
 * Every PUBLISH, in aedes' `authorizePublish`: the one place before the acknowledgement. aedes would acknowledge
 * QoS 1 first and publish after; here the message is on disk first. A PUBACK is written by the `Acknowledger`
 * and aedes is told QoS 0. For QoS 2 the same holds for the PUBREC, after which the sender forgets the message.
 */
export class MessageIntake {
  messages = 0
  readings = 0
  dropped = 0
  /** QoS 0 messages of MQTT clients that had no right to send them. */
  denied = 0
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
    if (!session?.peer || !session.ready || session.socket.destroyed) return
    this.messages += 1
    session.received += 1
    if (packet.qos > 0 && !isPacketId(packet.messageId)) {
      done(new Error('a packet identifier is 1 to 65535')) // [MQTT-2.3.1-1]
      return
    }
    if (session.peer.kind === 'client') this.receiveFromClient(session, session.peer, packet, done)
    else this.receiveFromGateway(session, session.peer, packet, done)
  }

  private receiveFromGateway(session: Session, gateway: Gateway, packet: PublishPacket, done: Done): void {
    const rule = gateway.publishing(packet.topic)
    const delay = this.limit(session, gateway, packet, rule?.kind === 'telemetry')
    if (delay === null) this.discard(session, packet, done)
    else if (!rule) this.deny(session, packet, null, done)
    else if (session.probe || this.wasReceived(session, packet))
      this.answerAgain(session, packet, done, delay)
    else if (rule.kind === 'telemetry') this.ingest(session, gateway, rule, packet, done, delay)
    else if (rule.kind === 'command_ack' && packet.qos > 0)
      this.passAnswer(session, gateway, packet, done, delay)
    else {
      this.tell(gateway, rule.kind, packet)
      this.pass(session, packet, done, delay)
    }
  }

  private receiveFromClient(session: Session, client: MqttClient, packet: PublishPacket, done: Done): void {
    const right = client.writing(packet.topic)
    const delay = this.limit(session, client, packet, false)
    if (delay === null) {
      this.discard(session, packet, done)
      return
    }
    if (right === null) {
      this.deny(session, packet, client.mayPublish ? null : 'this client may only read', done)
      return
    }
    if (this.wasReceived(session, packet)) {
      this.answerAgain(session, packet, done, delay)
      return
    }
    // A retained command would be carried out again at each connect of the gateway.
    if (right === 'commands') packet.retain = false
    this.pass(session, packet, done, delay)
  }

  /**
   * Every message counts, also one that is then denied, or that was received before.
   *
   * @returns ms that its sender has to wait; null: nothing more of the message
   */
  private limit(session: Session, peer: Peer, packet: PublishPacket, isTelemetry: boolean): number | null {
    const { topic, qos } = packet
    const verdict = this.parts.messageLimits.judge(peer, { qos, telemetryTopic: isTelemetry ? topic : null })
    if (typeof verdict === 'number') return verdict
    if (this.parts.tap.on) this.parts.tap.noteRefused(packet, peer, 'quota_exceeded')
    if (verdict === 'close') {
      this.parts.refusals.record(refusedOn(session, 'quota_exceeded', { topic }))
      session.end('quota_exceeded')
    }
    return null
  }

  /** [MQTT-4.3.3-2] */
  private wasReceived(session: Session, { qos, messageId = 0 }: PublishPacket): boolean {
    return qos === 2 && this.parts.persistence.incoming.has(session.clientId ?? '', messageId)
  }

  /** PUBREC once more, for a message that was taken; of a probe only the right to send it was asked. */
  private answerAgain(session: Session, packet: PublishPacket, done: Done, delay: number): void {
    this.settleNow(this.settler(session, packet, done, delay))
  }

  /** The last will of a session that ended without DISCONNECT. Its topic was checked at CONNECT. */
  private receiveWill(client: AedesClient | null, will: PublishPacket, done: Done): void {
    const peer = this.parts.policy.findBySessionId(client?.id ?? '')
    const session = sessionOf(client?.conn)
    if (!peer || !this.mayLeave(peer, will)) {
      done(new Error('its rights are gone'))
      return
    }
    if (will.qos > 1) will.qos = 1
    if (session && will.retain && !this.mayRetain(session, will)) will.retain = false
    if (this.parts.tap.on) this.parts.tap.note(will, peer, will.retain)
    done()
  }

  /** Whether a will may be published now; counts it, and tells of it where the engine reads its kind. */
  mayLeave(peer: Peer, will: Pick<PublishPacket, 'topic' | 'payload'> & { retain: boolean }): boolean {
    if (peer.kind === 'client') {
      const right = this.parts.policy.standing(peer) === null ? peer.writing(will.topic) : null
      if (right === 'commands') will.retain = false
      if (right !== null) this.parts.messageLimits.countWill(peer)
      return right !== null
    }
    const rule = peer.publishing(will.topic)
    if (!rule?.will || isOut(this.parts.policy.standing(peer))) return false
    this.parts.messageLimits.countWill(peer)
    this.tell(peer, rule.kind, will)
    return true
  }

  /** A message of a kind that the engine reads. */
  tell(
    gateway: Gateway,
    kind: ToSite['kind'],
    { payload }: Pick<PublishPacket, 'payload'>,
    receipt: string | null = null,
  ): void {
    if (kind === 'telemetry') return
    // A copy: the bytes lie in a larger buffer, which would be copied whole on its way to the other thread.
    const bytes = new Uint8Array(Buffer.from(payload))
    this.parts.emit({
      type: 'messageReceived',
      gatewayId: gateway.id,
      kind,
      at: this.parts.now(),
      payload: bytes,
      receipt,
    })
  }

  private ingest(
    session: Session,
    gateway: Gateway,
    rule: ToSite,
    packet: PublishPacket,
    done: Done,
    delay: number,
  ): void {
    const payload = packet.payload as Buffer
    const { topic, qos, dup, messageId: packetId = 0 } = packet
    const taken = this.parts.telemetry.take(gateway, rule, { topic, payload, qos, dup, packetId })
    const settle = this.settler(session, packet, done, delay)
    switch (taken.outcome) {
      case 'taken':
        this.readings += taken.rows
        if (this.parts.tap.on) this.parts.tap.note(packet, gateway, false)
        if (this.parts.audience.hasReaders(packet.topic))
          this.ingestAndRoute(session, packet, taken.rows, settle)
        else this.added(packet, taken.rows, settle)
        return
      case 'dropped':
        this.dropped += taken.rows
        if (this.parts.tap.on) this.parts.tap.noteRefused(packet, gateway, 'queue_full')
        settle()
        return
      case 'refused':
        this.parts.tap.noteRefused(packet, gateway, taken.reason)
        // Redelivery would not help, so it is acknowledged.
        this.parts.refusals.record(
          refusedOn(session, taken.reason, {
            topic: packet.topic,
            detail: `${taken.detail}: ${payload.toString('utf8', 0, EXCERPT)}`,
          }),
        )
        this.settleNow(settle)
        return
    }
  }

  /** Settles when the readings are on disk; QoS 0 at once. */
  private added({ qos }: PublishPacket, rows: number, settle: () => void): void {
    if (qos === 0) settle()
    if (rows > 0) this.parts.queue.added(rows, qos === 0 ? null : settle)
    else if (qos > 0) this.settleNow(settle)
  }

  /** Readings that somebody subscribed to: acknowledged when they are on disk, and kept for those who are away. */
  private ingestAndRoute(session: Session, packet: PublishPacket, rows: number, settle: () => void): void {
    let open = 2
    const oneDone = (): void => {
      open -= 1
      if (open === 0) settle()
    }
    // Routed first: QoS 0 is settled at once, and its payload is gone then.
    this.route(session, packet, false, () => {
      oneDone()
      this.parts.acknowledger.flush()
    })
    if (packet.qos > 0) this.added(packet, rows, oneDone)
    else {
      oneDone()
      if (rows > 0) this.parts.queue.added(rows, null)
    }
  }

  /** The answer to a command: acknowledged when the engine has written it down too. */
  private passAnswer(
    session: Session,
    gateway: Gateway,
    packet: PublishPacket,
    done: Done,
    delay: number,
  ): void {
    const settle = this.settler(session, packet, done, delay)
    let open = 2
    const step = (): void => {
      open -= 1
      if (open === 0) this.settleNow(settle)
    }
    const receipt = this.parts.receipts.expect(session, step)
    this.tell(gateway, 'command_ack', packet, receipt)
    this.forward(session, packet, step)
  }

  private pass(session: Session, packet: PublishPacket, done: Done, delay: number): void {
    const settle = this.settler(session, packet, done, delay)
    this.forward(session, packet, () => this.settleNow(settle))
  }

  /** To subscribers, and kept where it is to be retained. */
  private forward(session: Session, packet: PublishPacket, routed: () => void): void {
    const retain = packet.retain && this.mayRetain(session, packet)
    if (this.parts.tap.on) this.parts.tap.note(packet, session.peer, retain)
    this.route(session, packet, retain, routed)
  }

  private route(
    session: Session,
    { topic, payload, qos: sentQos }: PublishPacket,
    retain: boolean,
    routed: () => void,
  ): void {
    // The site sends nothing at QoS 2: the lower of sent and granted stays true [MQTT-3.8.4-6].
    const qos = sentQos === 0 ? 0 : 1
    this.parts.route({ topic, payload, qos, retain }, session.client, (error) => {
      if (!error) return routed()
      // Not kept, so not acknowledged: the sender sends it again.
      this.parts.refusals.record(refusedOn(session, 'queue_full', { topic, detail: error.message }))
      session.end('refused')
    })
  }

  private mayRetain(session: Session, { topic, payload }: PublishPacket): boolean {
    const { retained } = this.parts.persistence
    const { retainedMessages, retainedPerClient } = this.parts.limits
    if (payload.length === 0 || retained.has(topic)) return true
    const own = session.mqttClient ? retained.countUnder(session.mqttClient.identity.prefix) : 0
    const detail =
      own >= retainedPerClient ? `${own} retained messages of its own` : `${retained.count} retained messages`
    if (own < retainedPerClient && retained.count < retainedMessages) return true
    this.parts.refusals.record(refusedOn(session, 'queue_full', { topic, detail }))
    return false
  }

  /** An acknowledged message was taken. So this one is not: the connection ends [MQTT-3.3.5-2]; QoS 0 is dropped. */
  private deny(session: Session, packet: PublishPacket, detail: string | null, done: Done): void {
    const awaitsBind = session.gateway?.rules.publishing(packet.topic) !== undefined
    const reason = awaitsBind ? 'bind_pending' : 'topic_denied'
    this.parts.refusals.record(refusedOn(session, reason, { topic: packet.topic, detail }))
    if (session.peer) this.parts.tap.noteRefused(packet, session.peer, reason)
    if (packet.qos > 0) {
      session.end('refused')
      return
    }
    if (session.mqttClient) this.denied += 1
    this.discard(session, packet, done)
  }

  /** Nothing more is done with the message; of a session that was ended, nothing is told either. */
  private discard({ endedBy }: Session, packet: PublishPacket, done: Done): void {
    if (endedBy !== null) return
    packet.payload = CONSUMED
    done()
  }

  /**
   * What is to happen once the message is dealt with; keeps its place among the acknowledgements.
   *
   * @param delay ms that the sender has to wait
   */
  private settler(session: Session, packet: PublishPacket, done: Done, delay: number): () => void {
    const { acknowledger } = this.parts
    const owed = packet.qos === 1 ? acknowledger.expect(session, packet.messageId ?? 0) : null
    const settle = (): void => {
      if (owed) {
        acknowledger.ready(session, owed)
        packet.qos = 0
      }
      packet.payload = CONSUMED
      done()
    }
    // Behind one that waits, others wait too [MQTT-4.6.0-3].
    const waits = delay > 0 || (packet.qos > 0 && session.withheld > 0)
    return waits ? this.parts.withheld.join(session, delay, settle) : settle
  }

  private settleNow(settle: () => void): void {
    settle()
    this.parts.acknowledger.flush()
  }
}

function isPacketId(id: number | undefined): boolean {
  return id !== undefined && id >= 1 && id <= 65_535
}

/** Whether it is no gateway of anybody's any more: nothing that it left to be said counts. */
function isOut(standing: ReturnType<Policy['standing']>): boolean {
  return standing === 'gateway_revoked' || standing === 'certificate_unknown'
}
