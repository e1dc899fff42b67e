import { type RefusalReason, refusalReasons } from '#contract/model/refusal.ts'
import {
  TAP_WIDTH,
  type TapBatch,
  TapColumn,
  TapFlag,
  type TapOwner,
  type TapSender,
} from '#contract/model/tapped.ts'
import { addTo, type Rate } from './rate.ts'
import { searchText } from './search-text.ts'

/** Topics of the whole site that are kept; then the quiet ones of the tenant with most of them leave. */
const TOPICS = 20_000
/** Topics, by sender, that were refused; the same. */
const REFUSED = 2_000

/** One topic; what was refused at it stands beside it, one for each sender. */
export interface TopicEntry {
  /** The topic; of refused messages, sender and topic. */
  readonly key: string
  readonly topic: string
  readonly owner: TapOwner
  /** Refused messages of one sender: then these were never at the topic. */
  readonly isRefused: boolean
  /** In lower case, to be searched. */
  readonly text: string
  messages: number
  rate: Rate
  retained: boolean
  /** The newest message. */
  at: number | null
  qos: 0 | 1 | 2
  retain: boolean
  refusal: RefusalReason | null
  sender: TapSender | null
  payload: Uint8Array
  length: number
}

/** Who follows the book. */
export interface TopicListener {
  changed(entry: TopicEntry, messages: number, now: number): void
  removed(entry: TopicEntry): void
}

/** Every topic of which something was published since somebody began to look, with its newest message. */
export class TopicBook {
  /** By tenant (empty: of all), the topic that was quiet longest first. */
  readonly #shelves = new Map<string, Map<string, TopicEntry>>()
  readonly #refused = new Map<string, TopicEntry>()
  readonly #listeners = new Set<TopicListener>()
  /** Messages that had no room in a batch, and topics that had to leave, by tenant. */
  readonly #missed = new Map<string, number>()
  readonly #leftOut = new Map<string, number>()
  #size = 0
  /** When somebody began to look, ms of the same clock as `now`. */
  openedAt = 0

  listen(listener: TopicListener): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  *all(): Iterable<TopicEntry> {
    for (const shelf of this.#shelves.values()) yield* shelf.values()
    yield* this.#refused.values()
  }

  find(topic: string): TopicEntry | undefined {
    for (const shelf of this.#shelves.values()) {
      const entry = shelf.get(topic)
      if (entry) return entry
    }
    return undefined
  }

  /** Of one tenant; null: of all. */
  missed(tenantId: string | null): number {
    return sumOf(this.#missed, tenantId)
  }

  leftOut(tenantId: string | null): number {
    return sumOf(this.#leftOut, tenantId)
  }

  /** @param now ms, of a clock that never goes back */
  apply(batch: TapBatch, now: number): void {
    for (const topic of batch.cleared) {
      const entry = this.find(topic)
      if (!entry?.retained) continue
      entry.retained = false
      this.#tell(entry, 0, now)
    }
    for (const { tenantId, messages } of batch.missed) count(this.#missed, tenantId, messages)
    for (let index = 0; index < batch.topics.length; index++) this.#applyRow(batch, index, now)
    this.#makeRoom()
  }

  /** Nobody looks at these tenants any more. Null: at none. */
  keepOnly(tenants: ReadonlySet<string> | null): void {
    for (const entry of this.all()) {
      const tenantId = tenantOf(entry.owner)
      if (tenants === null || (tenantId !== '' && !tenants.has(tenantId))) this.#remove(entry)
    }
    if (tenants !== null) return
    this.#missed.clear()
    this.#leftOut.clear()
  }

  #applyRow({ rows, topics, owners, senders, payloads }: TapBatch, index: number, now: number): void {
    const at = (column: number): number => rows[index * TAP_WIDTH + column] ?? 0
    const owner = owners[at(TapColumn.owner)]
    const topic = topics[index]
    if (owner === undefined || topic === undefined) return
    const messages = at(TapColumn.count)
    const refusal = refusalReasons[at(TapColumn.refusal) - 1] ?? null
    const sender = senders[at(TapColumn.sender)] ?? null
    const entry = this.#entry(topic, owner, refusal === null ? null : (sender ?? { kind: 'site' }))
    const flags = at(TapColumn.flags)
    if (flags & TapFlag.retained) entry.retained = true
    if (flags & TapFlag.cleared) entry.retained = false
    // What is listed as retained is older than what was heard.
    if (messages > 0 || entry.messages === 0) {
      const offset = at(TapColumn.offset)
      entry.at = messages > 0 ? at(TapColumn.at) : null
      entry.qos = (flags & 3) as 0 | 1 | 2
      entry.retain = (flags & TapFlag.retain) !== 0
      entry.refusal = refusal
      entry.sender = sender
      // A copy: the batch would live as long as its quietest topic.
      entry.payload = payloads.slice(offset, offset + at(TapColumn.kept))
      entry.length = at(TapColumn.length)
    }
    entry.messages += messages
    if (messages > 0) addTo(entry.rate, messages, now)
    this.#tell(entry, messages, now)
  }

  /** @param refusedOf the sender of refused messages */
  #entry(topic: string, owner: TapOwner, refusedOf: TapSender | null): TopicEntry {
    const tenantId = tenantOf(owner)
    const key = refusedOf === null ? topic : `${refusedOf.kind === 'site' ? '' : refusedOf.id} ${topic}`
    const shelf = refusedOf === null ? this.#shelf(tenantId) : this.#refused
    const known = shelf.get(key)
    if (known && isSameOwner(known.owner, owner)) {
      // To the end: it is not quiet.
      shelf.delete(key)
      shelf.set(key, known)
      return known
    }
    // It changed hands: nothing of it is for who has it now.
    const before = known ?? (refusedOf === null ? this.find(topic) : undefined)
    if (before) this.#remove(before)
    const entry = newEntry({ key, topic, owner, isRefused: refusedOf !== null })
    const into = refusedOf === null ? this.#shelf(tenantId) : this.#refused
    into.set(key, entry)
    if (refusedOf === null) this.#size += 1
    return entry
  }

  #shelf(tenantId: string): Map<string, TopicEntry> {
    const shelf = this.#shelves.get(tenantId) ?? new Map<string, TopicEntry>()
    this.#shelves.set(tenantId, shelf)
    return shelf
  }

  #makeRoom(): void {
    while (this.#size > TOPICS) {
      let [largest] = this.#shelves.values()
      for (const shelf of this.#shelves.values()) if (shelf.size > (largest?.size ?? 0)) largest = shelf
      const [oldest] = largest?.values() ?? []
      if (!oldest) return
      this.#remove(oldest)
      count(this.#leftOut, tenantOf(oldest.owner), 1)
    }
    while (this.#refused.size > REFUSED) {
      const [oldest] = this.#refused.values()
      if (!oldest) return
      this.#remove(oldest)
      count(this.#leftOut, tenantOf(oldest.owner), 1)
    }
  }

  #remove(entry: TopicEntry): void {
    if (entry.isRefused) this.#refused.delete(entry.key)
    else {
      const tenantId = tenantOf(entry.owner)
      const shelf = this.#shelves.get(tenantId)
      if (shelf?.delete(entry.key)) this.#size -= 1
      if (shelf?.size === 0) this.#shelves.delete(tenantId)
    }
    for (const listener of this.#listeners) listener.removed(entry)
  }

  #tell(entry: TopicEntry, messages: number, now: number): void {
    for (const listener of this.#listeners) listener.changed(entry, messages, now)
  }
}

/** Empty: of all tenants. */
export function tenantOf(owner: TapOwner): string {
  return owner.kind === 'shared' ? '' : owner.tenantId
}

function newEntry(named: Pick<TopicEntry, 'key' | 'topic' | 'owner' | 'isRefused'>): TopicEntry {
  return {
    ...named,
    text: searchText(named.topic),
    messages: 0,
    rate: { perSecond: 0, at: 0 },
    retained: false,
    at: null,
    qos: 0,
    retain: false,
    refusal: null,
    sender: null,
    payload: new Uint8Array(0),
    length: 0,
  }
}

function isSameOwner(a: TapOwner, b: TapOwner): boolean {
  if (a.kind !== b.kind || tenantOf(a) !== tenantOf(b)) return false
  if (a.kind === 'gateway' && b.kind === 'gateway') return a.gatewayId === b.gatewayId
  if (a.kind === 'space' && b.kind === 'space') return JSON.stringify(a.reaches) === JSON.stringify(b.reaches)
  return true
}

function count(counts: Map<string, number>, tenantId: string | null, more: number): void {
  const key = tenantId ?? ''
  counts.set(key, (counts.get(key) ?? 0) + more)
}

function sumOf(counts: ReadonlyMap<string, number>, tenantId: string | null): number {
  if (tenantId !== null) return counts.get(tenantId) ?? 0
  let sum = 0
  for (const one of counts.values()) sum += one
  return sum
}
