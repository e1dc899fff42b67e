import { dialectOf } from '#broker/dialects/dialects.ts'
import { SeriesBook } from '#broker/ingest/series-book.ts'
import type { Identity } from '#broker/port.ts'
import type { Session } from '#broker/sessions/session.ts'
import { AccessRules } from './access-rules.ts'

/** One gateway of the snapshot: who it is, what follows from that, and what it does now. */
export class Gateway {
  readonly kind = 'gateway'
  identity: Identity
  rules: AccessRules
  series: SeriesBook
  /** Every connection whose certificate is this gateway's, before and after CONNECT. */
  readonly sessions = new Set<Session>()
  /** The one session that is past CONNECT. */
  live: Session | null = null
  /** Had readings committed since the last `gatewaysSeen`. */
  seen = false

  constructor(identity: Identity) {
    this.identity = identity
    this.rules = new AccessRules(identity.dialect, identity)
    this.series = new SeriesBook(identity.knownChannels)
  }

  get id(): string {
    return this.identity.gatewayId
  }

  /** Takes what is now known of the gateway. Readings from here on belong to the new assignment. */
  update(identity: Identity): void {
    const moved = identity.assignmentId !== this.identity.assignmentId
    this.identity = identity
    this.rules = new AccessRules(identity.dialect, identity)
    if (moved) this.series = new SeriesBook(identity.knownChannels)
  }

  get dialect() {
    return dialectOf(this.identity.dialect)
  }
}
