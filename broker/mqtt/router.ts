import type { SqlitePersistence } from '#broker/persistence/sqlite-persistence.ts'
import type { AedesBroker, AedesClient, ForwardedPacket } from './aedes-internals.ts'

export interface Routed {
  topic: string
  payload?: Buffer | string
  qos?: 0 | 1 | 2
  retain?: boolean
  /** ms since 1970; left out: never over. */
  messageExpiry?: number
}

type Done = (error?: Error | null) => void

/** One message on its way from its sender. */
interface Underway {
  packet: ForwardedPacket
  /** It is on disk, or need not be. */
  ready: boolean
  error: Error | null
  done: Done
}

/**
 * Messages from their sender to those who subscribed, in place of aedes' own `publish`: what is retained, or kept for someone
 * who is away, is on disk first, and the messages of one sender reach each subscriber in the order in which they came
 * [MQTT-4.6.0-5]. aedes lets a message that needs no disk overtake one that does.
 */
export class Router {
  private readonly aedes: AedesBroker
  private readonly persistence: SqlitePersistence
  /** By sender, where messages of it wait for the disk. */
  private readonly lanes = new Map<AedesClient | null, Underway[]>()

  constructor(aedes: AedesBroker, persistence: SqlitePersistence) {
    this.aedes = aedes
    this.persistence = persistence
  }

  /**
   * @param sender null for the site
   * @param done called when what others will receive is on disk, or with what kept it from that
   */
  publish(message: Routed, sender: AedesClient | null, done: Done): void {
    const { topic, payload = Buffer.alloc(0), qos = 0, retain = false, messageExpiry } = message
    this.aedes.counter += 1
    const packet = {
      cmd: 'publish',
      topic,
      payload,
      qos,
      retain,
      dup: false,
      ...(messageExpiry !== undefined && { messageExpiry }),
    } as const
    const forwarded = { ...packet, brokerId: this.aedes.id, brokerCounter: this.aedes.counter }
    const stored = this.store(forwarded)
    const lane = this.lanes.get(sender)
    if (!stored && !lane) {
      this.emit(forwarded)
      done(null)
      return
    }
    const underway: Underway = { packet: forwarded, ready: !stored, error: null, done }
    if (lane) lane.push(underway)
    else this.lanes.set(sender, [underway])
    stored?.then(
      () => this.isReady(underway, sender, null),
      (error: unknown) =>
        this.isReady(underway, sender, error instanceof Error ? error : new Error(String(error))),
    )
  }

  /** Null where nothing of the message is to be kept. */
  private store(packet: ForwardedPacket & { brokerId: string }): Promise<unknown> | null {
    const { outgoing } = this.persistence
    const work: Promise<unknown>[] = []
    if (packet.retain) work.push(this.persistence.storeRetained({ ...packet }))
    if (packet.qos > 0) {
      const away = this.persistence.keepersOf(packet.topic)
      if (away.size > 0) work.push(outgoing.enqueue(away, { ...packet }))
    }
    return work.length > 0 ? Promise.all(work) : null
  }

  private isReady(underway: Underway, sender: AedesClient | null, error: Error | null): void {
    underway.ready = true
    underway.error = error
    const lane = this.lanes.get(sender) ?? []
    while (lane[0]?.ready) {
      const first = lane.shift()
      if (!first) break
      if (!first.error) this.emit(first.packet)
      if (lane.length === 0) this.lanes.delete(sender)
      first.done(first.error)
    }
  }

  private emit(packet: ForwardedPacket): void {
    this.aedes.mq.emit(packet)
  }
}
