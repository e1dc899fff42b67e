import type { Statement } from 'better-sqlite3'
import type { GroupCommit } from './group-commit.ts'
import { fromQueued, type QueuedRecord, type StoredPacket, toQueued } from './packets.ts'
import type { SessionDb } from './session-file.ts'

interface Row extends QueuedRecord {
  id: number
}

interface QueueLimits {
  queuedMessagesPerClient: number
  onQueueFull(clientId: string, topic: string): void
}

const PAGE = 64
const columns = 'id, brokerId, brokerCounter, messageId, header, payload'

/** QoS 1 and 2 messages for clients, until each is acknowledged. */
export class OutgoingPackets {
  private readonly group: GroupCommit
  private readonly limits: QueueLimits
  private readonly selectCounts: Statement<[], { clientId: string; count: number }>
  private readonly selectLast: Statement<[string], number>
  private readonly selectPage: Statement<[string, number, number], Row>
  private readonly selectByMessageId: Statement<[string, number], Row>
  private readonly insert: Statement<[string, string | null, number | null, string, Buffer | string]>
  private readonly setMessageId: Statement<[number | null, string, string | null, number | null]>
  private readonly replace: Statement<[string, number, string, number]>
  private readonly deleteOne: Statement<[number]>
  private readonly deleteClient: Statement<[string]>
  /** Messages queued by client; clients without any are not listed. */
  private counts = new Map<string, number>()

  constructor(db: SessionDb, group: GroupCommit, limits: QueueLimits) {
    this.group = group
    this.limits = limits
    this.selectCounts = db.prepare('SELECT clientId, count(*) AS count FROM outgoing GROUP BY clientId')
    this.selectLast = db.prepare<[string], number>('SELECT max(id) FROM outgoing WHERE clientId = ?').pluck()
    this.selectPage = db.prepare(
      `SELECT ${columns} FROM outgoing WHERE clientId = ? AND id > ? AND id <= ? ORDER BY id LIMIT ${PAGE}`,
    )
    this.selectByMessageId = db.prepare(
      `SELECT ${columns} FROM outgoing WHERE clientId = ? AND messageId = ? ORDER BY id LIMIT 1`,
    )
    this.insert = db.prepare(
      'INSERT INTO outgoing (clientId, brokerId, brokerCounter, header, payload) VALUES (?, ?, ?, ?, ?)',
    )
    this.setMessageId = db.prepare(
      'UPDATE outgoing SET messageId = ? WHERE clientId = ? AND brokerId = ? AND brokerCounter = ?',
    )
    this.replace = db.prepare(
      `UPDATE outgoing SET header = ?, messageId = ?, brokerId = NULL, brokerCounter = NULL, payload = x''
       WHERE clientId = ? AND messageId = ?`,
    )
    this.deleteOne = db.prepare('DELETE FROM outgoing WHERE id = ?')
    this.deleteClient = db.prepare('DELETE FROM outgoing WHERE clientId = ?')
  }

  load(): void {
    this.counts = new Map(this.selectCounts.all().map(({ clientId, count }) => [clientId, count]))
  }

  count(clientId: string): number {
    return this.counts.get(clientId) ?? 0
  }

  /** Where a queue is full the newest message is not taken: those before it were promised earlier. */
  async enqueue(clientIds: Iterable<string>, packet: StoredPacket): Promise<void> {
    const taken: string[] = []
    for (const clientId of clientIds) {
      if (this.count(clientId) < this.limits.queuedMessagesPerClient) taken.push(clientId)
      else this.limits.onQueueFull(clientId, packet.topic ?? '')
    }
    if (taken.length === 0) return
    await this.group.durably(() => {
      const { brokerId, brokerCounter, header, payload } = toQueued(packet)
      for (const clientId of taken) {
        this.insert.run(clientId, brokerId, brokerCounter, header, payload)
        this.counts.set(clientId, this.count(clientId) + 1)
      }
    })
  }

  /** Notes the packet id that a queued message is sent under, or that its PUBREL is now what is owed. */
  async update(clientId: string, packet: StoredPacket): Promise<void> {
    if (this.count(clientId) === 0) return
    const { brokerId, brokerCounter, messageId } = toQueued(packet)
    if (packet.cmd === 'pubrel' && messageId !== null) {
      // Lost, the PUBLISH would be sent again and QoS 2 be more than once.
      const header = JSON.stringify({ cmd: 'pubrel' })
      await this.group.durably(() => this.replace.run(header, messageId, clientId, messageId))
      return
    }
    const change = () => this.setMessageId.run(messageId, clientId, brokerId, brokerCounter)
    if (packet.qos === 2) await this.group.durably(change)
    else this.group.lazily(change)
  }

  /** Removes the message that was acknowledged. Lost, it would be sent again, as QoS 1 allows. */
  take(clientId: string, messageId: number | undefined): StoredPacket | undefined {
    if (messageId === undefined || this.count(clientId) === 0) return undefined
    const row = this.selectByMessageId.get(clientId, messageId)
    if (!row) return undefined
    this.group.lazily(() => {
      this.deleteOne.run(row.id)
      this.setCount(clientId, this.count(clientId) - 1)
    })
    return fromQueued(row)
  }

  /** What was queued when the iteration began, oldest first, read a page at a time. */
  *of(clientId: string): Generator<StoredPacket> {
    if (this.count(clientId) === 0) return
    const last = this.selectLast.get(clientId) ?? 0
    for (let after = 0; ; ) {
      const page = this.selectPage.all(clientId, after, last)
      for (const row of page) yield fromQueued(row)
      const end = page.at(-1)
      if (!end || page.length < PAGE) return
      after = end.id
    }
  }

  async clear(clientId: string): Promise<void> {
    if (this.count(clientId) === 0) return
    await this.group.durably(() => {
      this.deleteClient.run(clientId)
      this.counts.delete(clientId)
    })
  }

  private setCount(clientId: string, count: number): void {
    if (count > 0) this.counts.set(clientId, count)
    else this.counts.delete(clientId)
  }
}
