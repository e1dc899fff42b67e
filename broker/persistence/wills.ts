import type { Statement } from 'better-sqlite3'
import type { GroupCommit } from './group-commit.ts'
import { fromRecord, type PacketRecord, type StoredPacket, toRecord } from './packets.ts'
import type { SessionDb } from './session-file.ts'

/** Last wills of connected clients. What is found at start belongs to a broker that died with its clients connected. */
export class Wills {
  private readonly group: GroupCommit
  private readonly selectBrokers: Statement<[], { clientId: string; brokerId: string }>
  private readonly selectOne: Statement<[string], PacketRecord>
  private readonly upsert: Statement<[string, string, string, Buffer | string]>
  private readonly deleteOne: Statement<[string]>
  /** The broker that each will was stored by, by client. */
  private brokers = new Map<string, string>()

  constructor(db: SessionDb, group: GroupCommit) {
    this.group = group
    this.selectBrokers = db.prepare('SELECT clientId, brokerId FROM wills')
    this.selectOne = db.prepare('SELECT header, payload FROM wills WHERE clientId = ?')
    this.upsert = db.prepare(
      `INSERT INTO wills (clientId, brokerId, header, payload) VALUES (?, ?, ?, ?) ON CONFLICT (clientId)
       DO UPDATE SET brokerId = excluded.brokerId, header = excluded.header, payload = excluded.payload`,
    )
    this.deleteOne = db.prepare('DELETE FROM wills WHERE clientId = ?')
  }

  load(): void {
    this.brokers = new Map(this.selectBrokers.all().map(({ clientId, brokerId }) => [clientId, brokerId]))
  }

  /** Not waited for: a will that a power cut loses only leaves a status unsaid, and a storm of CONNECTs stays cheap. */
  put(clientId: string, brokerId: string, packet: StoredPacket): void {
    this.group.lazily(() => {
      const { header, payload } = toRecord(packet)
      this.upsert.run(clientId, brokerId, header, payload)
      this.brokers.set(clientId, brokerId)
    })
  }

  get(clientId: string): StoredPacket | undefined {
    if (!this.brokers.has(clientId)) return undefined
    const record = this.selectOne.get(clientId)
    return record && fromRecord(record)
  }

  take(clientId: string): StoredPacket | undefined {
    const will = this.get(clientId)
    if (will === undefined) return undefined
    this.group.lazily(() => {
      this.deleteOne.run(clientId)
      this.brokers.delete(clientId)
    })
    return will
  }

  clear(): void {
    for (const clientId of this.brokers.keys()) this.take(clientId)
  }

  /** Wills stored by any other broker. */
  *notOf(brokers: ReadonlySet<string>): Generator<StoredPacket> {
    for (const [clientId, brokerId] of this.brokers) {
      if (brokers.has(brokerId)) continue
      const will = this.get(clientId)
      if (will) yield will
    }
  }
}
