import type { Statement } from 'better-sqlite3'
import type { GroupCommit } from './group-commit.ts'
import { fromQueued, type QueuedRecord, type StoredPacket, toQueued } from './packets.ts'
import { QueueBook } from './queue-book.ts'
import type { SessionDb } from './session-file.ts'

interface Row extends QueuedRecord {
  id: number
}

interface QueueLimits {
  queuedMessagesPerClient: number
  /** Of one gateway, or of all sessions of one MQTT client: they may be many, and messages large. */
  queuedBytesPerClient: number
  onQueueFull(clientId: string, topic: string): void
}

const PAGE = 64
/** What a row takes beside its header and payload. */
const ROW_BYTES = 100
const bytes = `sum(octet_length(header) + octet_length(payload) + ${ROW_BYTES})`
const columns = 'id, brokerId, brokerCounter, messageId, header, payload'

/** QoS 1 and 2 messages for clients, until each is acknowledged. */
export class OutgoingPackets {
  private readonly group: GroupCommit
  private readonly limits: QueueLimits
  private readonly selectCounts: Statement<[], { clientId: string; count: number; bytes: number }>
  private readonly selectBytes: Statement<[string, number], number | null>
  private readonly selectUnsent: Statement<[string], { count: number; bytes: number | null }>
  private readonly selectLast: Statement<[string], number>
  private readonly selectPage: Statement<[string, number, number], Row>
  private readonly selectByMessageId: Statement<[string, number], Row>
  private readonly insert: Statement<[string, string | null, number | null, string, Buffer | string]>
  private readonly setMessageId: Statement<[number | null, string, string | null, number | null]>
  private readonly replace: Statement<[string, number, string, number]>
  private readonly deleteOne: Statement<[number]>
  private readonly deleteClient: Statement<[string]>
  private readonly deleteUnsent: Statement<[string]>
  private book = new QueueBook()

  constructor(db: SessionDb, group: GroupCommit, limits: QueueLimits) {
    this.group = group
    this.limits = limits
    this.selectCounts = db.prepare(
      `SELECT clientId, count(*) AS count, ${bytes} AS bytes FROM outgoing GROUP BY clientId`,
    )
    this.selectBytes = db
      .prepare<[string, number], number | null>(
        `SELECT ${bytes} FROM outgoing WHERE clientId = ? AND messageId = ?`,
      )
      .pluck()
    this.selectUnsent = db.prepare(
      `SELECT count(*) AS count, ${bytes} AS bytes FROM outgoing WHERE clientId = ? AND messageId IS NULL`,
    )
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
    this.deleteUnsent = db.prepare('DELETE FROM outgoing WHERE clientId = ? AND messageId IS NULL')
  }

  load(): void {
    this.book = new QueueBook()
    for (const { clientId, count, bytes: size } of this.selectCounts.iterate())
      this.book.add(clientId, count, size)
  }

  count(clientId: string): number {
    return this.book.messages(clientId)
  }

  /** Ids of the sessions of one MQTT client that have messages here. */
  ofRecord(record: string): ReadonlySet<string> {
    return this.book.ofRecord(record)
  }

  /** Ids of the records that have messages here. */
  records(): Iterable<string> {
    return this.book.records()
  }

  /** Where a queue is full the newest message is not taken: those before it were promised earlier. */
  async enqueue(clientIds: Iterable<string>, packet: StoredPacket): Promise<void> {
    const { brokerId, brokerCounter, header, payload } = toQueued(packet)
    const size = bytesOf({ header, payload })
    const hasRoom = (clientId: string): boolean => this.hasRoom(clientId, packet, size)
    const open = [...clientIds].filter(hasRoom)
    if (open.length === 0) return
    await this.group.durably(() => {
      for (const clientId of open) {
        // Asked again: another session of the same MQTT client may have taken the last of their bytes.
        if (!hasRoom(clientId)) continue
        this.insert.run(clientId, brokerId, brokerCounter, header, payload)
        this.book.add(clientId, 1, size)
      }
    })
  }

  private hasRoom(clientId: string, { topic = '' }: StoredPacket, size: number): boolean {
    const { queuedMessagesPerClient, queuedBytesPerClient, onQueueFull } = this.limits
    if (
      this.count(clientId) < queuedMessagesPerClient &&
      this.book.bytesBeside(clientId) + size <= queuedBytesPerClient
    )
      return true
    onQueueFull(clientId, topic)
    return false
  }

  /** Notes the packet id that a queued message is sent under, or that its PUBREL is now what is owed. */
  async update(clientId: string, packet: StoredPacket): Promise<void> {
    if (this.count(clientId) === 0) return
    const { brokerId, brokerCounter, messageId } = toQueued(packet)
    if (packet.cmd === 'pubrel' && messageId !== null) {
      // Lost, the PUBLISH would be sent again and QoS 2 be more than once.
      const header = JSON.stringify({ cmd: 'pubrel' })
      await this.group.durably(() => {
        const before = this.selectBytes.get(clientId, messageId) ?? 0
        this.replace.run(header, messageId, clientId, messageId)
        this.book.add(clientId, 0, (this.selectBytes.get(clientId, messageId) ?? 0) - before)
      })
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
      this.book.add(clientId, -1, -bytesOf(row))
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
      this.book.clear(clientId)
    })
  }

  /** Removes what was not sent yet. The others are owed until they are acknowledged [MQTT-3.10.4-3]. */
  async clearUnsent(clientId: string): Promise<void> {
    if (this.count(clientId) === 0) return
    await this.group.durably(() => {
      const unsent = this.selectUnsent.get(clientId)
      this.deleteUnsent.run(clientId)
      this.book.add(clientId, -(unsent?.count ?? 0), -(unsent?.bytes ?? 0))
    })
  }
}

/** What a message takes, bytes: as `selectCounts` has it. */
function bytesOf({ header, payload }: Pick<QueuedRecord, 'header' | 'payload'>): number {
  return Buffer.byteLength(header) + Buffer.byteLength(payload) + ROW_BYTES
}
