import type { Gateway } from '#broker/auth/gateway.ts'
import type { Peer, Policy } from '#broker/auth/policy.ts'
import { sharedTopics } from '#broker/dialects/dialects.ts'
import type { SqlitePersistence } from '#broker/persistence/sqlite-persistence.ts'
import type { BrokerEvent, Identity, PolicyChange } from '#broker/port.ts'
import type { RefusalReason } from '#contract/model/refusal.ts'
import type { TapOptions, TappedMessage } from '#contract/model/tapped.ts'
import { FollowedMessages } from './followed-messages.ts'
import { PendingTopics } from './pending-topics.ts'
import { RefusedMessages } from './refused-messages.ts'
import { tenantOf, type Whose } from './whose.ts'

/** ms */
const BATCH_EVERY = 250
/** Retained messages that are listed when somebody begins to look, and those of one batch. */
const RETAINED_LISTED = 20_000
const RETAINED_OF_BATCH = 1_000

export interface TapParts {
  policy: Policy
  retained: SqlitePersistence['retained']
  emit(event: BrokerEvent): void
  now(): number
}

/** Reasons that say nothing of the message: there were too many. */
const passing: ReadonlySet<RefusalReason> = new Set(['quota_exceeded', 'queue_full'])

/** What is known of a message where it is taken or refused. */
export interface Seen {
  topic: string
  payload: Buffer | string
  qos: 0 | 1 | 2
  retain: boolean
}

/**
 * What people may look at of all that is published: nothing while nobody looks, and never more than a bounded amount a
 * second. The engine decides who sees what of it.
 */
export class TopicTap {
  /** Ask before `note`: it is in the way of every message. */
  on = false
  private readonly parts: TapParts
  private readonly pending = new PendingTopics()
  private readonly followed = new FollowedMessages()
  private readonly refused = new RefusedMessages()
  private tenants: ReadonlySet<string> | null = null
  private cleared: string[] = []
  private timer: NodeJS.Timeout | null = null
  /** Counts openings: a list of retained messages of an earlier one ends. */
  private opening = 0
  private afterBatch: (() => void)[] = []

  constructor(parts: TapParts) {
    this.parts = parts
  }

  /** Null: nobody looks any more. */
  set(options: TapOptions | null): void {
    if (options === null) {
      this.stop()
      return
    }
    this.followed.set(options.follows)
    const tenants = options.tenants === null ? null : new Set(options.tenants)
    const isWider = !this.on || !covers(this.tenants, tenants)
    this.tenants = tenants
    this.on = true
    this.timer ??= setInterval(() => this.flush(), BATCH_EVERY).unref()
    this.parts.retained.removed = (topics) => {
      this.cleared = this.cleared.concat(topics)
      this.pending.unretain(topics)
    }
    // The list is short then; whoever looks sees what comes.
    if (isWider)
      this.listRetained().catch((error: unknown) =>
        this.parts.emit({
          type: 'retainedUnreadable',
          at: this.parts.now(),
          cause: error instanceof Error ? error.message : String(error),
        }),
      )
  }

  stop(): void {
    this.on = false
    this.opening += 1
    if (this.timer) clearInterval(this.timer)
    this.timer = null
    this.parts.retained.removed = null
    this.pending.clear()
    this.followed.set([])
    this.followed.take()
    this.cleared = []
    this.release()
  }

  /** @param sender null for the site @param retains whether it is kept as retained message */
  note(seen: Seen, sender: Peer | null, retains: boolean): void {
    const whose = sharedTopics.has(seen.topic) ? 'shared' : this.parts.policy.topics.ownerOf(seen.topic)
    if (whose === null) return
    const retained = retains ? seen.payload.length > 0 : null
    this.add(seen, { whose, sender, retained, refusal: null })
  }

  /**
   * What was not allowed or not understood is kept for a while even if nobody looks: it is rare, and what a person looks for
   * when a box stays dark.
   */
  noteRefused({ topic, payload, qos, retain }: Seen, sender: Peer, refusal: RefusalReason): void {
    const seen = { topic, payload: Buffer.isBuffer(payload) ? payload : Buffer.from(payload), qos, retain }
    if (!passing.has(refusal)) this.refused.add(sender, refusal, { ...seen, at: this.parts.now() })
    if (this.on) this.add(seen, { whose: sender, sender, retained: null, refusal })
  }

  refusedMessages(): TappedMessage[] {
    return this.refused.all()
  }

  /**
   * Before changes of policy count: what was seen so far is told as whose it is now, and whoever is given a gateway next does
   * not see what it sent before.
   */
  beforeChanges(changes: PolicyChange[]): void {
    if (this.on) this.flush()
    const { policy } = this.parts
    for (const change of changes) {
      const peer =
        change.op === 'put'
          ? policy.find(change.identity.gatewayId)
          : change.op === 'remove'
            ? policy.find(change.gatewayId)
            : change.op === 'remove_client'
              ? policy.findClient(change.clientId)
              : undefined
      const stays = change.op === 'put' && peer?.kind === 'gateway' && isSameAssignment(peer, change.identity)
      if (peer && !stays) this.refused.forget(peer)
    }
  }

  private add(
    { topic, payload, qos, retain }: Seen,
    rest: { whose: Whose; sender: Peer | null; retained: boolean | null; refusal: RefusalReason | null },
  ): void {
    if (!this.isLookedAt(rest.whose)) return
    const noted = { topic, payload, qos, retain, at: this.parts.now(), ...rest }
    this.pending.add(noted)
    this.followed.offer(noted)
  }

  private isLookedAt(whose: Whose): boolean {
    return this.tenants === null || whose === 'shared' || this.tenants.has(tenantOf(whose) ?? '')
  }

  private flush(): void {
    if (this.pending.isEmpty && this.followed.isEmpty && this.cleared.length === 0) return this.release()
    const { cleared } = this
    this.cleared = []
    const batch = { at: this.parts.now(), ...this.pending.take(), ...this.followed.take(), cleared }
    this.parts.emit({ type: 'tapped', batch })
    this.release()
  }

  /** As much as fits beside what is published, a page at a time. */
  private async listRetained(): Promise<void> {
    this.opening += 1
    const { opening } = this
    const mayList = (topic: string): boolean => {
      const whose = this.whoseKept(topic)
      return whose !== null && this.isLookedAt(whose)
    }
    let listed = 0
    for await (const packet of this.parts.retained.matchingInTurns(['#'], mayList)) {
      if (opening !== this.opening || listed >= RETAINED_LISTED) return
      const { topic = '', payload = '', qos = 0 } = packet
      const whose = this.whoseKept(topic)
      if (whose === null) continue
      const kept = { topic, payload, qos: qos === 0 ? 0 : 1, retain: true, retained: true } as const
      this.pending.addKept({ ...kept, refusal: null, whose, sender: 'unknown', at: 0 })
      listed += 1
      if (listed % RETAINED_OF_BATCH === 0)
        await new Promise<void>((resolve) => this.afterBatch.push(resolve))
    }
  }

  private whoseKept(topic: string): Whose | null {
    return sharedTopics.has(topic) ? 'shared' : this.parts.policy.topics.ownerOf(topic)
  }

  private release(): void {
    const waiting = this.afterBatch
    this.afterBatch = []
    for (const resolve of waiting) resolve()
  }
}

function isSameAssignment({ identity }: Gateway, { assignmentId }: Identity): boolean {
  return identity.assignmentId === assignmentId
}

function covers(before: ReadonlySet<string> | null, after: ReadonlySet<string> | null): boolean {
  if (before === null) return true
  if (after === null) return false
  for (const tenant of after) if (!before.has(tenant)) return false
  return true
}
