import { type DialectRates, defaultRates, type MessageRate } from '#broker/dialects/message-rates.ts'
import type { PolicyChange } from '#broker/port.ts'
import type { LimitedLog } from './limited-log.ts'
import type { Tenant, Tenants } from './tenants.ts'
import { TokenBucket } from './token-bucket.ts'

/** What counts of a gateway or an MQTT client. */
export type Sender =
  | {
      readonly kind: 'gateway'
      readonly id: string
      identity: { tenantId: string; dialect: string; rate?: MessageRate | null }
    }
  | { readonly kind: 'client'; readonly id: string; identity: { tenantId: string } }

export interface Judged {
  qos: 0 | 1 | 2
  /** Where it is telemetry. */
  telemetryTopic: string | null
}

/**
 * ms that the acknowledgement is to be withheld, 0 as a rule; or that the message is to be dropped; or that its session is
 * to be closed.
 */
export type Verdict = number | 'drop' | 'close'

/** No message waits longer than this for its acknowledgement, and so no more than this is owed, ms (domain.md, Limits). */
export const LONGEST_DELAY = 10_000

/** Of one sender that have a bucket: a gateway names its topics as it likes where its dialect leaves a level open. */
const MOST_TOPICS = 128

interface SenderBuckets {
  rate: MessageRate
  bucket: TokenBucket
  /** By telemetry topic. */
  topics: Map<string, TokenBucket>
}

/** Whether a message passes: the quota of its tenant's hour, and the buckets of its sender, its topic and its tenant. */
export class MessageLimits {
  private readonly tenants: Tenants
  private readonly limited: LimitedLog
  private readonly ratesOf: (dialect: string) => DialectRates
  private readonly now: () => number
  private readonly senders = new Map<string, SenderBuckets>()

  /** @param ratesOf what gateways of a dialect may send, by its name */
  constructor(
    tenants: Tenants,
    limited: LimitedLog,
    ratesOf: (dialect: string) => DialectRates,
    now: () => number,
  ) {
    this.ratesOf = ratesOf
    this.tenants = tenants
    this.limited = limited
    this.now = now
  }

  /** Counts the message. Over the rate QoS 0 is dropped; what is acknowledged is slowed and taken all the same. */
  judge(sender: Sender, { qos, telemetryTopic }: Judged): Verdict {
    const now = this.now()
    const tenant = this.tenants.find(sender.identity.tenantId)
    if (tenant?.isUsedUp(now)) {
      this.limited.count(sender, qos === 0 ? 'dropped' : 'closed')
      return qos === 0 ? 'drop' : 'close'
    }
    const { bucket, topics } = this.bucketsFor(sender, tenant, now)
    const rates = this.dialectRates(sender)
    const topic =
      rates.topic && telemetryTopic !== null ? topicBucket(topics, telemetryTopic, rates.topic, now) : null
    const whole = tenant?.bucket ?? null
    if (qos === 0 && !(bucket.has(now) && (topic?.has(now) ?? true) && (whole?.has(now) ?? true))) {
      this.limited.count(sender, 'dropped')
      return 'drop'
    }
    const wait = Math.max(
      bucket.take(now, LONGEST_DELAY),
      topic?.take(now, LONGEST_DELAY) ?? 0,
      whole?.take(now, LONGEST_DELAY) ?? 0,
    )
    if (wait > 0) this.limited.count(sender, 'delayed')
    tenant?.quota.count(now)
    return wait
  }

  /**
   * Counts a last will. It passes all the same: nobody is left who could be slowed, and that somebody was cut off for the
   * quota is what it tells. Each takes a CONNECT, which is refused over the quota.
   */
  countWill(sender: Sender): void {
    const now = this.now()
    const tenant = this.tenants.find(sender.identity.tenantId)
    this.bucketsFor(sender, tenant, now).bucket.take(now, LONGEST_DELAY)
    tenant?.bucket?.take(now, LONGEST_DELAY)
    tenant?.quota.count(now)
  }

  /** Messages that may come at once now, whatever they are. */
  roomOf(sender: Sender): number {
    const now = this.now()
    const tenant = this.tenants.find(sender.identity.tenantId)
    const { bucket, topics } = this.bucketsFor(sender, tenant, now)
    const rates = this.dialectRates(sender)
    let room = Math.min(bucket.count(now), tenant?.bucket?.count(now) ?? Number.POSITIVE_INFINITY)
    if (!rates.topic) return room
    room = Math.min(room, rates.topic.burst)
    for (const topic of topics.values()) room = Math.min(room, topic.count(now))
    return room
  }

  /** Of a sender that is gone nothing is kept. */
  apply(change: PolicyChange): void {
    if (change.op === 'remove') this.senders.delete(change.gatewayId)
    if (change.op === 'remove_client') this.senders.delete(change.clientId)
  }

  private dialectRates(sender: Sender): DialectRates {
    return sender.kind === 'gateway' ? this.ratesOf(sender.identity.dialect) : defaultRates
  }

  private bucketsFor(sender: Sender, tenant: Tenant | undefined, now: number): SenderBuckets {
    const { id } = sender
    const rate = chosenRate(sender, tenant) ?? this.dialectRates(sender).gateway
    const known = this.senders.get(id)
    if (!known) {
      const buckets = { rate, bucket: new TokenBucket(rate), topics: new Map() }
      this.senders.set(id, buckets)
      return buckets
    }
    if (known.rate !== rate && !known.bucket.isOf(rate)) {
      known.bucket.change(rate, now)
      known.rate = rate
    }
    return known
  }
}

/** A gateway's own rate comes from its profile; it never lifts what its tenant may. */
function chosenRate(sender: Sender, tenant: Tenant | undefined): MessageRate | null {
  if (sender.kind === 'client') return null
  const own = sender.identity.rate ?? null
  const most = tenant?.gatewayRate ?? null
  if (own === null || most === null) return own ?? most
  return { perSecond: Math.min(own.perSecond, most.perSecond), burst: Math.min(own.burst, most.burst) }
}

function topicBucket(
  topics: Map<string, TokenBucket>,
  topic: string,
  rate: MessageRate,
  now: number,
): TokenBucket {
  const known = topics.get(topic)
  if (known) {
    if (!known.isOf(rate)) known.change(rate, now)
    return known
  }
  if (topics.size >= MOST_TOPICS) forgetTopics(topics, rate, now)
  const bucket = new TokenBucket(rate)
  topics.set(topic, bucket)
  return bucket
}

/** A full bucket is as good as a new one. Where all are in use, the oldest go: the gateway's own rate bounds them still. */
function forgetTopics(topics: Map<string, TokenBucket>, rate: MessageRate, now: number): void {
  for (const [topic, bucket] of topics) if (bucket.count(now) >= rate.burst) topics.delete(topic)
  for (const topic of topics.keys()) {
    if (topics.size < MOST_TOPICS) return
    topics.delete(topic)
  }
}
