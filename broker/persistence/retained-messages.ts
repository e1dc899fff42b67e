import { setImmediate as turn } from 'node:timers/promises'
import type { Statement } from 'better-sqlite3'
import type { GroupCommit } from './group-commit.ts'
import { fromRecord, type PacketRecord, type StoredPacket, toRecord } from './packets.ts'
import type { SessionDb } from './session-file.ts'
import { fixedPrefix, hasWildcard, matchesFilter } from './topic-filter.ts'

const PAGE = 256

/** Retained messages stay on disk; only their number is kept in memory. */
export class RetainedMessages {
  count = 0
  /** Told of topics that hold no message any more, while somebody looks. */
  removed: ((topics: string[]) => void) | null = null
  private readonly group: GroupCommit
  private readonly selectCount: Statement<[], number>
  private readonly selectOne: Statement<[string], PacketRecord>
  private readonly selectTopics: Statement<[string, string], string>
  private readonly selectCountBetween: Statement<[string, string, string], number>
  private readonly selectLike: Statement<[string, string], string>
  private readonly upsert: Statement<[string, string, Buffer | string]>
  private readonly deleteOne: Statement<[string]>

  constructor(db: SessionDb, group: GroupCommit) {
    this.group = group
    this.selectCount = db.prepare<[], number>('SELECT count(*) FROM retained').pluck()
    this.selectOne = db.prepare('SELECT header, payload FROM retained WHERE topic = ?')
    this.selectTopics = db
      .prepare<[string, string], string>(
        `SELECT topic FROM retained WHERE topic > ? AND topic < ? ORDER BY topic LIMIT ${PAGE}`,
      )
      .pluck()
    this.selectCountBetween = db
      .prepare<[string, string, string], number>(
        'SELECT count(*) FROM retained WHERE topic = ? OR (topic > ? AND topic < ?)',
      )
      .pluck()
    this.selectLike = db
      .prepare<[string, string], string>(
        String.raw`SELECT topic FROM retained WHERE topic LIKE ? ESCAPE '\' OR topic LIKE ? ESCAPE '\' OR octet_length(topic) > length(topic)`,
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

  /** How many there are with this topic and below it. */
  countUnder(prefix: string): number {
    return this.selectCountBetween.get(prefix, ...below(prefix)) ?? 0
  }

  /** Removes the message with this topic and all below it, where they are to go. */
  async removeUnder(prefix: string, goes: (topic: string) => boolean): Promise<void> {
    await this.removeMatching(`${prefix}/#`, goes)
  }

  /**
   * The same where the beginning, in small letters, may be written in any case. It looks at every topic, inside SQLite; that
   * folds ASCII only, so topics with other letters are looked at here.
   */
  async removeUnderAnyCase(beginnings: readonly string[], goes: (topic: string) => boolean): Promise<void> {
    const topics = beginnings.flatMap((beginning) => {
      const escaped = beginning.replace(/[\\%_]/g, '\\$&')
      const isBelow = (topic: string): boolean => `${topic.toLowerCase()}/`.startsWith(`${beginning}/`)
      return this.selectLike.all(escaped, `${escaped}/%`).filter((topic) => isBelow(topic) && goes(topic))
    })
    if (topics.length > 0) await this.remove([...new Set(topics)])
  }

  /** The same with all there are, with a turn of the event loop between pages: there may be many. */
  async removeInTurns(goes: (topic: string) => boolean): Promise<void> {
    let found: string[] = []
    for (const topic of this.topics('#', goes)) {
      if (topic !== null) found.push(topic)
      else {
        if (found.length > 0) await this.remove(found)
        found = []
        await turn()
      }
    }
    if (found.length > 0) await this.remove(found)
  }

  /** The same at once. */
  async removeWhere(goes: (topic: string) => boolean): Promise<void> {
    await this.removeMatching('#', goes)
  }

  private async removeMatching(filter: string, goes: (topic: string) => boolean): Promise<void> {
    const topics = [...this.topics(filter, goes)].filter((topic) => topic !== null)
    if (topics.length > 0) await this.remove(topics)
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
    this.removed?.(known)
    await this.group.durably(() => {
      for (const topic of known) this.count -= this.deleteOne.run(topic).changes
    })
  }

  /** @param mayRead whose messages are read at all: most of a site's are nothing to one subscriber */
  *matching(filters: string[], mayRead: (topic: string) => boolean = anything): Generator<StoredPacket> {
    for (const packet of this.paged(filters, mayRead)) if (packet !== null) yield packet
  }

  /** The same, with a turn of the event loop between pages: a subscription to everything must not hold up everyone. */
  async *matchingInTurns(
    filters: string[],
    mayRead: (topic: string) => boolean = anything,
  ): AsyncGenerator<StoredPacket> {
    for (const packet of this.paged(filters, mayRead)) {
      if (packet === null) await turn()
      else yield packet
    }
  }

  /** Null after each page. */
  private *paged(filters: string[], mayRead: (topic: string) => boolean): Generator<StoredPacket | null> {
    for (const filter of filters) {
      for (const topic of this.topics(filter, mayRead)) {
        const record = topic === null ? null : this.selectOne.get(topic)
        if (record) yield fromRecord(record)
        else if (topic === null) yield null
      }
    }
  }

  private *topics(filter: string, mayRead: (topic: string) => boolean): Generator<string | null> {
    if (!hasWildcard(filter)) {
      if (mayRead(filter)) yield filter
      return
    }
    const prefix = fixedPrefix(filter)
    if (prefix !== '' && matchesFilter(filter, prefix) && mayRead(prefix)) yield prefix
    for (let after = prefix; ; ) {
      const page = this.selectTopics.all(after, `${prefix}\u{10ffff}`)
      for (const topic of page) if (matchesFilter(filter, topic) && mayRead(topic)) yield topic
      const last = page.at(-1)
      if (last === undefined || page.length < PAGE) return
      yield null
      after = last
    }
  }
}

/** What a topic below this one is greater than, and less than. "0" follows "/". */
function below(prefix: string): [string, string] {
  return [`${prefix}/`, `${prefix}0`]
}

function anything(): boolean {
  return true
}
