import type { Peer } from '#broker/auth/policy.ts'
import { type RefusalReason, refusalReasons } from '#contract/model/refusal.ts'
import { TAP_WIDTH, type TapBatch, TapFlag, type TapOwner, type TapSender } from '#contract/model/tapped.ts'
import { excerptOf, ownerOf, senderOf, tenantOf, type Whose } from './whose.ts'

/** Topics in one batch; messages of more are counted. */
const TOPICS = 5_000
/** Of them, with refused messages, and of one sender: it can make up any number of topics. */
const REFUSED = 500
const REFUSED_OF_ONE = 50
/** Bytes of a payload that are kept, and of all payloads of a batch; beyond, little more than what a row shows. */
const EXCERPT = 4_096
const BATCH_BYTES = 2 * 1024 * 1024
const SHORT_EXCERPT = 64

export interface Noted {
  topic: string
  payload: Buffer | string
  qos: 0 | 1 | 2
  /** As it was sent. */
  retain: boolean
  /** Whether the topic holds a retained message after it; null: as before. */
  retained: boolean | null
  refusal: RefusalReason | null
  whose: Whose
  /** Null: the site. `unknown`: it lay there before. */
  sender: Peer | null | 'unknown'
  at: number
}

interface Row extends Omit<Noted, 'payload'> {
  count: number
  bytes: number
  payload: Uint8Array<ArrayBuffer>
  length: number
}

/** What was published since the last batch, the newest message of each topic; bounded, whatever comes. */
export class PendingTopics {
  private taken = new Map<string, Row>()
  private refused = new Map<string, Row>()
  private refusedOf = new Map<unknown, number>()
  private missed = new Map<string | null, number>()
  private keptBytes = 0

  get isEmpty(): boolean {
    return this.taken.size === 0 && this.refused.size === 0 && this.missed.size === 0
  }

  add(noted: Noted): void {
    const row = this.rowOf(noted)
    if (row === null) {
      const tenantId = tenantOf(noted.whose)
      this.missed.set(tenantId, (this.missed.get(tenantId) ?? 0) + 1)
      return
    }
    const most = this.keptBytes < BATCH_BYTES ? EXCERPT : SHORT_EXCERPT
    this.keptBytes -= row.payload.length
    row.payload = excerptOf(noted.payload, most)
    this.keptBytes += row.payload.length
    row.length = lengthOf(noted.payload)
    row.bytes += row.length
    row.count += 1
    row.at = noted.at
    row.qos = noted.qos
    row.retain = noted.retain
    row.retained = noted.retained ?? row.retained
    row.refusal = noted.refusal
    row.whose = noted.whose
    row.sender = noted.sender
  }

  /** A retained message that was there before anybody looked; what was published since is newer. */
  addKept(noted: Noted): void {
    if (this.taken.has(noted.topic)) return
    const payload = excerptOf(noted.payload, EXCERPT)
    this.keptBytes += payload.length
    this.taken.set(noted.topic, { ...noted, payload, length: lengthOf(noted.payload), count: 0, bytes: 0 })
  }

  /** The retained messages of these topics were removed. */
  unretain(topics: string[]): void {
    for (const topic of topics) {
      const row = this.taken.get(topic)
      if (row) row.retained = false
    }
  }

  /** All there is, and begins anew. */
  take(): Pick<TapBatch, 'owners' | 'senders' | 'topics' | 'rows' | 'payloads' | 'missed'> {
    const all = [...this.taken.values(), ...this.refused.values()]
    const rows = new Float64Array(all.length * TAP_WIDTH)
    const payloads = new Uint8Array(all.reduce((sum, { payload }) => sum + payload.length, 0))
    const owners = new Interned<Whose, TapOwner>(ownerOf)
    const senders = new Interned<Peer | 'site', TapSender>((peer) => senderOf(peer === 'site' ? null : peer))
    let offset = 0
    for (const [index, row] of all.entries()) {
      const { payload, sender } = row
      payloads.set(payload, offset)
      const owner = owners.indexOf(row.whose)
      const from = sender === 'unknown' ? -1 : senders.indexOf(sender ?? 'site')
      const refusal = row.refusal === null ? 0 : refusalReasons.indexOf(row.refusal) + 1
      const place = [offset, payload.length, row.length]
      rows.set(
        [row.count, row.bytes, row.at, flagsOf(row), owner, from, ...place, refusal],
        index * TAP_WIDTH,
      )
      offset += payload.length
    }
    const missed = Array.from(this.missed, ([tenantId, messages]) => ({ tenantId, messages }))
    const topics = all.map(({ topic }) => topic)
    this.clear()
    return { owners: owners.values, senders: senders.values, topics, rows, payloads, missed }
  }

  clear(): void {
    this.taken = new Map()
    this.refused = new Map()
    this.refusedOf = new Map()
    this.missed = new Map()
    this.keptBytes = 0
  }

  private rowOf(noted: Noted): Row | null {
    if (noted.refusal !== null) return this.refusedRow(noted)
    const known = this.taken.get(noted.topic)
    if (known) return known
    if (this.taken.size + this.refused.size >= TOPICS) return null
    return this.begin(this.taken, noted.topic, noted)
  }

  private refusedRow(noted: Noted): Row | null {
    const { sender, topic } = noted
    const id = sender === null || sender === 'unknown' ? 'site' : `${sender.kind} ${sender.id}`
    const key = `${id} ${topic}`
    const known = this.refused.get(key)
    if (known) return known
    const ofSender = this.refusedOf.get(id) ?? 0
    if (this.refused.size >= REFUSED || ofSender >= REFUSED_OF_ONE) return null
    this.refusedOf.set(id, ofSender + 1)
    return this.begin(this.refused, key, noted)
  }

  private begin(rows: Map<string, Row>, key: string, noted: Noted): Row {
    const row: Row = { ...noted, payload: nothing, length: 0, count: 0, bytes: 0 }
    rows.set(key, row)
    return row
  }
}

const nothing = new Uint8Array(0)

/** Each of a batch's owners and senders once. */
class Interned<From, To> {
  readonly values: To[] = []
  private readonly indices = new Map<From, number>()
  private readonly make: (from: From) => To

  constructor(make: (from: From) => To) {
    this.make = make
  }

  indexOf(from: From): number {
    const known = this.indices.get(from)
    if (known !== undefined) return known
    const index = this.values.push(this.make(from)) - 1
    this.indices.set(from, index)
    return index
  }
}

function flagsOf({ qos, retain, retained }: Row): number {
  const now = retained === null ? 0 : retained ? TapFlag.retained : TapFlag.cleared
  return qos | (retain ? TapFlag.retain : 0) | now
}

function lengthOf(payload: Buffer | string): number {
  return typeof payload === 'string' ? Buffer.byteLength(payload) : payload.length
}
