import { recordOf } from './session-id.ts'

interface Queue {
  messages: number
  bytes: number
}

/** How much is queued: by session, and by whom the sessions are of, for many sessions of one MQTT client share a bound. */
export class QueueBook {
  private readonly queues = new Map<string, Queue>()
  /** By record of an MQTT client, or by the one session of a gateway. */
  private readonly bytesByOwner = new Map<string, number>()
  /** Ids of the sessions of each MQTT client that have something queued. */
  private readonly byRecord = new Map<string, Set<string>>()

  messages(clientId: string): number {
    return this.queues.get(clientId)?.messages ?? 0
  }

  /** Of all sessions of the same gateway or MQTT client. */
  bytesBeside(clientId: string): number {
    return this.bytesByOwner.get(ownerOf(clientId)) ?? 0
  }

  /** Ids of the sessions of one MQTT client that have something queued. */
  ofRecord(record: string): ReadonlySet<string> {
    return this.byRecord.get(record) ?? none
  }

  /** Records of the MQTT clients that have something queued. */
  records(): Iterable<string> {
    return this.byRecord.keys()
  }

  /** Counts in what was queued, or, below zero, what went. A session without messages has no bytes either. */
  add(clientId: string, messages: number, bytes: number): void {
    const before = this.queues.get(clientId) ?? { messages: 0, bytes: 0 }
    const left = before.messages + messages
    const after = left > 0 ? { messages: left, bytes: before.bytes + bytes } : { messages: 0, bytes: 0 }
    if (left > 0) this.queues.set(clientId, after)
    else this.queues.delete(clientId)
    const owner = ownerOf(clientId)
    const owned = this.bytesBeside(clientId) + after.bytes - before.bytes
    if (owned > 0) this.bytesByOwner.set(owner, owned)
    else this.bytesByOwner.delete(owner)
    this.list(clientId, left > 0)
  }

  clear(clientId: string): void {
    this.add(clientId, -this.messages(clientId), 0)
  }

  private list(clientId: string, isListed: boolean): void {
    const record = recordOf(clientId)
    if (record === null) return
    const ids = this.byRecord.get(record) ?? new Set()
    if (isListed) this.byRecord.set(record, ids.add(clientId))
    else if (ids.delete(clientId) && ids.size === 0) this.byRecord.delete(record)
  }
}

const none: ReadonlySet<string> = new Set()

function ownerOf(clientId: string): string {
  return recordOf(clientId) ?? clientId
}
