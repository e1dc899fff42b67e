import type { Statement } from 'better-sqlite3'
import type { GroupCommit } from './group-commit.ts'
import { fromQueued, type QueuedRecord, type StoredPacket, toQueued } from './packets.ts'
import type { SessionDb } from './session-file.ts'
import { recordOf } from './session-id.ts'

/**
 * QoS 2 messages between PUBLISH and PUBREL. Every change is on disk before its answer goes out: a packet id that was
 * forgotten would let a message in twice, one that was kept would swallow the next message with that id.
 */
export class IncomingPackets {
  private readonly group: GroupCommit
  private readonly selectClients: Statement<[], string>
  private readonly selectOne: Statement<[string, number], QueuedRecord>
  private readonly selectAny: Statement<[string], number>
  private readonly upsert: Statement<[string, number, string | null, number | null, string, Buffer | string]>
  private readonly deleteOne: Statement<[string, number]>
  private readonly deleteClient: Statement<[string]>
  /** Clients that may have packets here; most never do. */
  private clients = new Set<string>()

  constructor(db: SessionDb, group: GroupCommit) {
    this.group = group
    this.selectClients = db.prepare<[], string>('SELECT DISTINCT clientId FROM incoming').pluck()
    this.selectOne = db.prepare(
      `SELECT messageId, brokerId, brokerCounter, header, payload FROM incoming WHERE clientId = ? AND messageId = ?`,
    )
    this.selectAny = db.prepare<[string], number>('SELECT 1 FROM incoming WHERE clientId = ? LIMIT 1').pluck()
    this.upsert = db.prepare(
      `INSERT INTO incoming (clientId, messageId, brokerId, brokerCounter, header, payload) VALUES (?, ?, ?, ?, ?, ?)
       ON CONFLICT (clientId, messageId) DO UPDATE SET brokerId = excluded.brokerId,
         brokerCounter = excluded.brokerCounter, header = excluded.header, payload = excluded.payload`,
    )
    this.deleteOne = db.prepare('DELETE FROM incoming WHERE clientId = ? AND messageId = ?')
    this.deleteClient = db.prepare('DELETE FROM incoming WHERE clientId = ?')
  }

  load(): void {
    this.clients = new Set(this.selectClients.all())
  }

  /** Whether this message was received before and its PUBREL is still to come. */
  has(clientId: string, messageId: number): boolean {
    return this.clients.has(clientId) && this.selectOne.get(clientId, messageId) !== undefined
  }

  /** Ids of sessions of one MQTT client that have packets here. */
  ofRecord(record: string): string[] {
    return [...this.clients].filter((clientId) => {
      if (!clientId.startsWith(`${record}/`)) return false
      if (this.selectAny.get(clientId) !== undefined) return true
      this.clients.delete(clientId)
      return false
    })
  }

  /** Ids of the records of MQTT clients that may have packets here. */
  records(): Set<string> {
    return new Set(Array.from(this.clients, recordOf).filter((record) => record !== null))
  }

  async store(clientId: string, packet: StoredPacket): Promise<void> {
    await this.group.durably(() => {
      const { messageId, brokerId, brokerCounter, header, payload } = toQueued(packet)
      this.clients.add(clientId)
      this.upsert.run(clientId, messageId ?? 0, brokerId, brokerCounter, header, payload)
    })
  }

  get(clientId: string, messageId: number | undefined): StoredPacket {
    const row = this.clients.has(clientId) ? this.selectOne.get(clientId, messageId ?? 0) : undefined
    if (!row) throw new Error('no such packet')
    return fromQueued(row)
  }

  async delete(clientId: string, messageId: number | undefined): Promise<void> {
    const changes = await this.group.durably(() => this.deleteOne.run(clientId, messageId ?? 0).changes)
    if (changes === 0) throw new Error('no such packet')
  }

  async clear(clientId: string): Promise<void> {
    if (!this.clients.has(clientId)) return
    await this.group.durably(() => {
      this.deleteClient.run(clientId)
      this.clients.delete(clientId)
    })
  }
}
