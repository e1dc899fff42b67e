import type { Statement } from 'better-sqlite3'
import type { UndatedMessage } from '#contract/model/reading-batch.ts'
import type { Store } from './store-file.ts'

/**
 * How long a committed packet id answers for its message, ms. A gateway that missed its PUBACK sends the message
 * again as soon as it is back; but once it has the PUBACK the id is free for another message
 * [MQTT-2.2.1-3], which may well carry the same bytes (`{"value": 42}`), and is then a new reading.
 */
export const REDELIVERY_WINDOW = 10 * 60_000
const PRUNE_EVERY = 500
const PRUNE_ROWS = 1_000

interface Seen {
  payloadHash: string
  at: number
}

/**
 * Remembers which undated messages were committed, one row for each packet id in use. Readings with a time need
 * none of this: their duplicates meet at (series, ts). All of it happens inside the transaction of the rows.
 */
export class Redeliveries {
  private readonly find: Statement<[string, number], Seen>
  private readonly remember: Statement<[string, number, string, number, number], never>
  private readonly range: Statement<[string, string, number, number], [string, number]>
  private readonly prune: Statement<[string, string, number, string, string, number, number, number], never>
  private readonly window: number
  private readonly startedAt: number
  private recorded = 0
  private swept: [string, number] = ['', -1]

  constructor(store: Store, window: number, now: number) {
    this.window = window
    this.startedAt = now
    this.find = store.prepare('SELECT payloadHash, at FROM redeliveries WHERE gatewayId = ? AND packetId = ?')
    this.remember = store.prepare(
      `INSERT INTO redeliveries (gatewayId, packetId, payloadHash, seq, at) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET payloadHash = excluded.payloadHash, seq = excluded.seq, at = excluded.at`,
    )
    this.range = store
      .prepare<[string, string, number, number], [string, number]>(
        `SELECT gatewayId, packetId FROM redeliveries WHERE gatewayId > ? OR (gatewayId = ? AND packetId > ?)
         ORDER BY gatewayId, packetId LIMIT 1 OFFSET ?`,
      )
      .raw()
    this.prune = store.prepare(
      `DELETE FROM redeliveries
       WHERE (gatewayId > ? OR (gatewayId = ? AND packetId > ?))
         AND (gatewayId < ? OR (gatewayId = ? AND packetId <= ?)) AND NOT at BETWEEN ? AND ?`,
    )
  }

  /**
   * True if the message was committed before and its rows are to be dropped; else it is remembered under `seq`,
   * the sequence of its first row. A message that its sender knows to be new (`duplicate: false`, the DUP flag
   * of MQTT) is never dropped.
   */
  isRedelivery(message: UndatedMessage, seq: number, now: number): boolean {
    const { gatewayId, packetId, payloadHash } = message
    const seen = this.find.get(gatewayId, packetId)
    const again =
      message.duplicate !== false && seen?.payloadHash === payloadHash && this.isFresh(seen.at, now)
    this.remember.run(gatewayId, packetId, payloadHash, seq, now)
    this.recorded += 1
    return again
  }

  /** Deletes a slice of what is past the window, now and then; call it inside a transaction. */
  pruneSome(now: number): void {
    if (this.recorded < PRUNE_EVERY || now < this.startedAt + this.window) return
    this.recorded = 0
    const [gatewayId, packetId] = this.swept
    const end = this.range.get(gatewayId, gatewayId, packetId, PRUNE_ROWS)
    const [lastGateway, lastPacket] = end ?? ['\u{10ffff}', 0]
    const { window } = this
    this.prune.run(
      gatewayId,
      gatewayId,
      packetId,
      lastGateway,
      lastGateway,
      lastPacket,
      now - window,
      now + window,
    )
    this.swept = end ?? ['', -1]
  }

  /** Time during which the site was off does not count: a gateway could not have been acknowledged in it. */
  private isFresh(at: number, now: number): boolean {
    return Math.abs(now - at) <= this.window || (at <= this.startedAt && now - this.startedAt <= this.window)
  }
}
