import type { Dialect, ToGateway, ToSite } from '#broker/dialects/dialect.ts'
import type { DialectBook } from '#broker/dialects/dialect-book.ts'
import { SeriesBook } from '#broker/ingest/series-book.ts'
import type { Identity } from '#broker/port.ts'
import type { Session } from '#broker/sessions/session.ts'
import { AccessRules } from './access-rules.ts'
import { signInNamesOf } from './sign-in-names.ts'
import type { TopicIndex } from './topic-index.ts'

/** What the rights of a gateway follow from beside its own names. */
export interface GatewaySurroundings {
  dialects: DialectBook
  topics: TopicIndex
}

/** One gateway of the snapshot: who it is, what follows from that, and what it does now. */
export class Gateway {
  readonly kind = 'gateway'
  identity: Identity
  rules: AccessRules
  /** User names that it may come with, in small letters. */
  signInNames: ReadonlySet<string>
  series: SeriesBook
  /** Every connection whose certificate is this gateway's, before and after CONNECT. */
  readonly sessions = new Set<Session>()
  /** The one session that is past CONNECT. */
  live: Session | null = null
  /** Had readings committed since the last `gatewaysSeen`. */
  seen = false
  private readonly around: GatewaySurroundings

  constructor(identity: Identity, around: GatewaySurroundings) {
    this.around = around
    this.identity = identity
    this.rules = this.rulesNow()
    this.signInNames = signInNamesOf(identity)
    this.series = new SeriesBook(identity.knownChannels)
  }

  get id(): string {
    return this.identity.gatewayId
  }

  /** Takes what is now known of the gateway. Readings from here on belong to the new assignment. */
  update(identity: Identity): void {
    const moved = identity.assignmentId !== this.identity.assignmentId
    this.identity = identity
    this.rules = this.rulesNow()
    this.signInNames = signInNamesOf(identity)
    if (moved) this.series = new SeriesBook(identity.knownChannels)
  }

  /** The rule by which it may publish to this topic now: until it has acknowledged its binding, only to that of answers. */
  publishing(topic: string): ToSite | undefined {
    const rule = this.rules.publishing(topic)
    return this.identity.awaitsBind && rule?.kind !== 'command_ack' ? undefined : rule
  }

  /** The rule by which it may be sent a message with this topic now. */
  receiving(topic: string): ToGateway | undefined {
    const rule = this.rules.receiving(topic)
    return this.identity.awaitsBind && rule?.kind !== 'commands' ? undefined : rule
  }

  get dialect(): Dialect {
    return this.around.dialects.get(this.identity.dialect)
  }

  private rulesNow(): AccessRules {
    const { dialects, topics } = this.around
    const isAlone = (topic: string): boolean => topics.isAlone(this, topic)
    return new AccessRules(this.dialect, this.identity, { roots: dialects.roots, isAlone })
  }
}
