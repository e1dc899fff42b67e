import type { Statement } from 'better-sqlite3'
import type { GroupCommit } from './group-commit.ts'
import { fromRecord, type PacketRecord, type StoredPacket, toRecord } from './packets.ts'
import type { SessionDb } from './session-file.ts'
import { fixedPrefix, hasWildcard, matchesFilter } from './topic-filter.ts'

/** Retained messages stay on disk; only their number is kept in memory. */
export class RetainedMessages {
  count = 0
  private readonly group: GroupCommit
  private readonly selectCount: Statement<[], number>
  private readonly selectOne: Statement<[string], PacketRecord>
  private readonly selectTopics: Statement<[string, string], string>
  private readonly upsert: Statement<[string, string, Buffer | string]>
  private readonly deleteOne: Statement<[string]>

  constructor(db: SessionDb, group: GroupCommit) {
    this.group = group
    this.selectCount = db.prepare<[], number>('SELECT count(*) FROM retained').pluck()
    this.selectOne = db.prepare('SELECT header, payload FROM retained WHERE topic = ?')
    this.selectTopics = db
      .prepare<[string, string], string>(
        'SELECT topic FROM retained WHERE topic >= ? AND topic < ? ORDER BY topic',
      )
      .pluck()
    this.upsert = db.prepare(
      `INSERT INTO retained (topic, header, payload) VALUES (?, ?, ?)
       ON CONFLICT (topic) DO UPDATE SET header = excluded.header, payload = excluded.payload`,
    )
    this.deleteOne = db.prepare('DELETE FROM retained WHERE topic = ?')
  }

  load(): void {
    this.count = this.selectCount.get() ?? 0
  }

  has(topic: string): boolean {
    return this.selectOne.get(topic) !== undefined
  }

  /** An empty payload removes the message [MQTT-3.3.1-10]. */
  async store(packet: StoredPacket): Promise<void> {
    const topic = packet.topic ?? ''
    if (!packet.payload?.length) {
      await this.remove([topic])
      return
    }
    await this.group.durably(() => {
      const { header, payload } = toRecord(packet)
      if (!this.has(topic)) this.count += 1
      this.upsert.run(topic, header, payload)
    })
  }

  async remove(topics: string[]): Promise<void> {
    const known = topics.filter((topic) => this.has(topic))
    if (known.length === 0) return
    await this.group.durably(() => {
      for (const topic of known) this.count -= this.deleteOne.run(topic).changes
    })
  }

  *matching(filters: string[]): Generator<StoredPacket> {
    for (const filter of filters) {
      for (const topic of this.topics(filter)) {
        const record = this.selectOne.get(topic)
        if (record) yield fromRecord(record)
      }
    }
  }

  private topics(filter: string): string[] {
    if (!hasWildcard(filter)) return [filter]
    const prefix = fixedPrefix(filter)
    return this.selectTopics
      .all(prefix, `${prefix}\u{10ffff}`)
      .filter((topic) => matchesFilter(filter, topic))
  }
}
