import type { Policy } from '#broker/auth/policy.ts'
import type { SqlitePersistence } from '#broker/persistence/sqlite-persistence.ts'
import type { SiteMessage } from '#broker/port.ts'
import type { TopicTap } from '#broker/tap/topic-tap.ts'
import { ExpectedError } from '#contract/errors.ts'
import type { AedesBroker } from './aedes-internals.ts'
import type { MessageIntake } from './message-intake.ts'

const TIME_TOPIC = 'mw/time'
const TIME_EVERY = 60_000

/** What the site itself publishes. */
export class SiteMessages {
  private readonly aedes: AedesBroker
  private readonly tap: TopicTap
  private readonly now: () => number
  private timer: NodeJS.Timeout | null = null

  constructor(aedes: AedesBroker, tap: TopicTap, now: () => number) {
    this.aedes = aedes
    this.tap = tap
    this.now = now
  }

  /** Tells gateways without a clock the time, at once and every minute. */
  async start(): Promise<void> {
    await this.publishTime()
    this.timer = setInterval(() => {
      // A disk that takes no retained message shows itself in the readings; the next minute tries again.
      this.publishTime().catch(() => {})
    }, TIME_EVERY)
  }

  stop(): void {
    if (this.timer) clearInterval(this.timer)
  }

  /** @throws ExpectedError `store_failed` */
  async publish({ topic, payload, qos, retain, expiresAt: messageExpiry }: SiteMessage): Promise<void> {
    const expiry = messageExpiry === undefined ? {} : { messageExpiry }
    const packet = { cmd: 'publish', topic, payload: Buffer.from(payload), qos, retain, ...expiry }
    if (this.tap.on) this.tap.note(packet, null, retain)
    await new Promise<void>((resolve, reject) => {
      this.aedes.publish(packet, null, (error) => {
        if (error) reject(new ExpectedError('store_failed', { cause: error.message }, { cause: error }))
        else resolve()
      })
    })
  }

  /**
   * Publishes the wills of those that were connected when a broker died. Before the listeners open: a gateway
   * that is back must not be declared offline.
   */
  async publishStoredWills(
    persistence: SqlitePersistence,
    policy: Policy,
    intake: MessageIntake,
  ): Promise<void> {
    for (const will of persistence.wills.notOf(new Set())) {
      const { topic = '', payload = '', retain = false, clientId = '' } = will
      const peer = policy.findBySessionId(clientId)
      const left = { topic, payload, retain }
      if (peer && intake.mayLeave(peer, left)) {
        await this.publish({
          topic,
          payload: new Uint8Array(Buffer.from(payload)),
          qos: will.qos === 0 ? 0 : 1,
          retain: left.retain,
        })
      }
      persistence.wills.take(clientId)
    }
  }

  private async publishTime(): Promise<void> {
    await this.publish({
      topic: TIME_TOPIC,
      payload: JSON.stringify({ ts: this.now() }),
      qos: 0,
      retain: true,
    })
  }
}
