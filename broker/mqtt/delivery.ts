import type { RefusalLog } from '#broker/events/refusal-log.ts'
import { refusedOn } from '#broker/events/refused-session.ts'
import type { SqlitePersistence } from '#broker/persistence/sqlite-persistence.ts'
import { matchesFilter } from '#broker/persistence/topic-filter.ts'
import type { BrokerLimits } from '#broker/port.ts'
import type { Session } from '#broker/sessions/session.ts'
import type { AedesClient, ForwardedPacket } from './aedes-internals.ts'
import { type EncodedPublish, encodePublish, withPacketId } from './publish-packet.ts'

type Delivered = () => void

const LAST_PACKET_ID = 65_535
/** QoS 1 may wait longer for the socket than QoS 0: so many times the bytes. */
const PATIENCE = 8

/**
 * What subscribers are sent, in place of aedes' own delivery: judged for each message by the rights of the moment, encoded
 * once for all of them, written once a turn. A subscriber that is too slow loses QoS 0 messages, counted, or its
 * connection, and never holds up the others.
 */
export class Delivery {
  /** QoS 0 messages that subscribers were too slow for. */
  dropped = 0
  private readonly limits: BrokerLimits
  private readonly refusals: RefusalLog
  private readonly persistence: Pick<SqlitePersistence, 'outgoing' | 'retained'>
  private readonly now: () => number
  private readonly due = new Set<Session>()
  /** The message encoded last, by QoS: it goes to many in a row. */
  private readonly encoded: (EncodedPublish & { of: ForwardedPacket })[] = []

  constructor(
    limits: BrokerLimits,
    refusals: RefusalLog,
    persistence: Pick<SqlitePersistence, 'outgoing' | 'retained'>,
    now: () => number,
  ) {
    this.limits = limits
    this.refusals = refusals
    this.persistence = persistence
    this.now = now
  }

  /** From here on what aedes has for this client goes through here. */
  install(session: Session, client: AedesClient): void {
    client.deliver0 = (packet, delivered) => this.deliver(session, client, packet, 0, delivered)
    client.deliverQoS = (packet, delivered) => this.deliver(session, client, packet, 1, delivered)
  }

  /** aedes' `authorizeForward`, asked for each message that was kept: it may have outlived its time, or the right to receive it. */
  mayForward(session: Session, packet: Pick<ForwardedPacket, 'topic' | 'messageExpiry'>): boolean {
    const may = !this.isOver(packet) && session.mayReceive(packet.topic)
    if (may) session.sent += 1
    return may
  }

  /** Its rights have grown: what is retained under its subscriptions comes now, as if it had subscribed anew. */
  async sendRetained(session: Session): Promise<void> {
    const { client } = session
    if (!client) return
    const mayRead = (topic: string): boolean => session.mayReceive(topic)
    for await (const stored of this.persistence.retained.matchingInTurns(
      [...session.filters.keys()],
      mayRead,
    )) {
      const { topic = '', payload = '' } = stored
      const qos = stored.qos === 0 ? 0 : 1
      const content = { topic, payload: Buffer.from(payload), retain: true }
      const packet: ForwardedPacket = { ...content, qos, brokerId: null, brokerCounter: 0 }
      await new Promise<void>((delivered) => this.deliver(session, client, packet, 0, delivered))
    }
  }

  private deliver(
    session: Session,
    client: AedesClient,
    packet: ForwardedPacket,
    granted: 0 | 1,
    delivered: Delivered,
  ): void {
    // Before CONNACK nothing may be sent [MQTT-3.2.0-1]; what is kept for the session follows then.
    if (session.ready && !session.socket.destroyed && isNew(session, packet)) {
      if (!this.isOver(packet) && session.mayReceive(packet.topic))
        this.send(session, client, packet, grantedQos(session, packet, granted))
    }
    // At once: a slow one is no reason for the publisher to wait. Retained messages have none, and may be many.
    if (isAnswer(packet)) this.pace(session, delivered)
    else delivered()
  }

  /** A command that arrives after its time may move what nobody expects to move any more. */
  private isOver({ messageExpiry }: Pick<ForwardedPacket, 'messageExpiry'>): boolean {
    return messageExpiry !== undefined && messageExpiry <= this.now()
  }

  /** Goes on with the next retained message when the socket took what it was given. */
  private pace(session: Session, delivered: Delivered): void {
    const { socket } = session
    setImmediate(() => {
      if (socket.destroyed || !socket.writableNeedDrain) return delivered()
      const goOn = (): void => {
        socket.off('drain', goOn).off('close', goOn)
        delivered()
      }
      socket.on('drain', goOn).on('close', goOn)
    })
  }

  private send(session: Session, client: AedesClient, packet: ForwardedPacket, qos: 0 | 1): void {
    const unsent = session.socket.writableLength + session.outboxBytes
    const most = this.limits.unsentBytesPerClient * (qos === 0 ? 1 : PATIENCE)
    if (unsent > most && !isAnswer(packet)) {
      if (qos === 0) this.drop(session)
      else this.giveUp(session, packet)
      return
    }
    const encoded = this.encode(packet, qos)
    session.sent += 1
    if (qos === 0) {
      this.write(session, encoded.bytes)
      return
    }
    const id = client._nextId
    client._nextId = id >= LAST_PACKET_ID ? 1 : id + 1
    // What answers a SUBSCRIBE is not queued.
    if (!client.clean && !isAnswer(packet)) {
      this.persistence.outgoing
        .update(client.id, { ...packet, brokerId: packet.brokerId ?? undefined, messageId: id })
        .catch((error: unknown) => {
          client.emit('error', error instanceof Error ? error : new Error(String(error)))
        })
    }
    this.write(session, withPacketId(encoded, id))
  }

  private write(session: Session, bytes: Buffer): void {
    session.outbox.push(bytes)
    session.outboxBytes += bytes.length
    this.flushLater(session)
  }

  private flushLater(session: Session): void {
    if (this.due.size === 0) setImmediate(() => this.flush())
    this.due.add(session)
  }

  private flush(): void {
    const due = [...this.due]
    this.due.clear()
    for (const session of due) {
      const { outbox, socket } = session
      session.outbox = []
      session.outboxBytes = 0
      if (session.tooSlowFor > 0) this.recordDropped(session)
      if (outbox.length === 0 || !socket.writable) continue
      socket.write(outbox.length === 1 && outbox[0] ? outbox[0] : Buffer.concat(outbox))
    }
  }

  private drop(session: Session): void {
    this.dropped += 1
    session.tooSlowFor += 1
    this.flushLater(session)
  }

  private recordDropped(session: Session): void {
    const detail = `${session.tooSlowFor} QoS 0 messages dropped: it takes them too slowly`
    session.tooSlowFor = 0
    this.refusals.record(refusedOn(session, 'queue_full', { detail }))
  }

  /** A kept session gets the message when it is back; the end of another one says that messages are missing. */
  private giveUp(session: Session, { topic }: ForwardedPacket): void {
    const detail = 'disconnected: it takes its messages too slowly'
    this.refusals.record(refusedOn(session, 'queue_full', { topic, detail }))
    session.end('refused')
  }

  private encode(packet: ForwardedPacket, qos: 0 | 1): EncodedPublish {
    const { topic, payload, retain } = packet
    const last = this.encoded[qos]
    if (last && last.of.payload === payload && last.of.topic === topic && last.of.retain === retain)
      return last
    const encoded = { ...encodePublish(topic, payload, { qos, retain }), of: packet }
    this.encoded[qos] = encoded
    return encoded
  }
}

/** Overlapping filters bring a message once for each, one after the other; it is sent once [MQTT-3.3.5-1]. */
function isNew(session: Session, packet: ForwardedPacket): boolean {
  if (isAnswer(packet)) return true
  if (session.lastCounter === packet.brokerCounter) return false
  session.lastCounter = packet.brokerCounter
  return true
}

/** A retained message that answers a SUBSCRIBE: aedes gives it no broker. */
function isAnswer({ brokerId }: ForwardedPacket): boolean {
  return !brokerId
}

/**
 * The lower of the message's QoS and the one granted [MQTT-3.8.4-6]: of overlapping filters the highest [MQTT-3.3.5-1],
 * whichever comes first.
 */
function grantedQos(session: Session, packet: ForwardedPacket, granted: 0 | 1): 0 | 1 {
  const { qos, topic } = packet
  if (qos === 0) return 0
  // aedes sends retained messages with their own QoS, whatever was asked for.
  if (!isAnswer(packet) && (granted === 1 || session.filters.size < 2)) return granted
  for (const [filter, most] of session.filters) if (most > 0 && matchesFilter(filter, topic)) return 1
  return 0
}
