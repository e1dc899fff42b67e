import { isUtf8 } from 'node:buffer'
import { hash } from 'node:crypto'
import type { Gateway } from '#broker/auth/gateway.ts'
import type { DecodedReading } from '#broker/dialects/codec.ts'
import { fieldsOf, type ToSite } from '#broker/dialects/dialect.ts'
import { isDated, qualityAt } from '#broker/dialects/reading-time.ts'
import type { BrokerLimits } from '#broker/port.ts'
import { Quality } from '#contract/model/quality.ts'
import { packFlags } from '#contract/model/reading-batch.ts'
import type { RefusalReason } from '#contract/model/refusal.ts'
import type { IngestQueue } from './ingest-queue.ts'
import { nextSiteTime, type Series } from './series-book.ts'

/** A telemetry PUBLISH as it came. */
export interface TelemetryMessage {
  topic: string
  payload: Buffer
  qos: 0 | 1 | 2
  dup: boolean
  /** 0 at QoS 0. */
  packetId: number
}

/** `rows` were added to the open batch (tell the queue with `added`); or why the whole message was not taken. */
export type Taken =
  | { outcome: 'taken'; rows: number }
  | { outcome: 'dropped'; rows: number }
  | { outcome: 'refused'; reason: RefusalReason; detail: string }

/** Hex digits of the payload's SHA-256 that tell redelivered messages apart. */
const HASH_DIGITS = 16

/** Telemetry payloads to rows of the open batch. */
export class Telemetry {
  private readonly queue: IngestQueue
  private readonly limits: BrokerLimits
  private readonly now: () => number

  constructor(queue: IngestQueue, limits: BrokerLimits, now: () => number) {
    this.queue = queue
    this.limits = limits
    this.now = now
  }

  /** @param rule by which the gateway may publish to the topic; telemetry has a codec */
  take(gateway: Gateway, rule: ToSite, message: TelemetryMessage): Taken {
    // RFC 8259 8.1: JSON is UTF-8; without this check broken bytes would be stored as U+FFFD.
    if (!isUtf8(message.payload)) {
      return { outcome: 'refused', reason: 'payload_not_json', detail: 'the payload is not UTF-8' }
    }
    if (rule.decode === null) throw new Error(`${rule.pattern} has no codec`)
    const decoded = rule.decode(message.payload.toString(), this.limits, fieldsOf(rule, message.topic))
    if (!decoded.ok) return { outcome: 'refused', reason: decoded.reason, detail: decoded.detail }
    const { readings } = decoded
    if (message.qos === 0 && this.queue.full) return { outcome: 'dropped', rows: readings.length }
    if (!this.hasRoom(gateway, readings)) {
      const detail = `more than ${this.limits.channelsPerGateway} channels`
      return { outcome: 'refused', reason: 'too_many_channels', detail }
    }
    if (readings.length > 0) this.addRows(gateway, readings, message)
    return { outcome: 'taken', rows: readings.length }
  }

  private hasRoom(gateway: Gateway, readings: DecodedReading[]): boolean {
    let room = this.limits.channelsPerGateway - gateway.series.size
    if (room >= readings.length) return true
    const added = new Set<string>()
    for (const { channel } of readings) {
      if (gateway.series.has(channel) || added.has(channel)) continue
      added.add(channel)
      room -= 1
      if (room < 0) return false
    }
    return true
  }

  private addRows(gateway: Gateway, readings: DecodedReading[], message: TelemetryMessage): void {
    const batch = this.queue.open
    const now = this.now()
    batch.gateways.add(gateway)
    let undated = 0
    for (const reading of readings) {
      if (!isDated(reading.ts)) {
        undated += 1
        continue
      }
      const ts = Math.trunc(reading.ts)
      const quality = qualityAt(ts, now) | roundedBit(reading)
      batch.add(seriesOf(gateway, reading), ts, reading.value, packFlags(reading.kind, quality))
    }
    if (undated === 0) return
    // Rows without a time stand together at the end, so that one range names them.
    const start = batch.count
    for (const reading of readings) {
      if (isDated(reading.ts)) continue
      const series = seriesOf(gateway, reading)
      const quality = Quality.siteTime | roundedBit(reading)
      batch.add(series, nextSiteTime(series, now), reading.value, packFlags(reading.kind, quality))
    }
    if (message.qos === 0) return
    batch.undated.push({
      gatewayId: gateway.id,
      packetId: message.packetId,
      payloadHash: hash('sha256', message.payload, 'hex').slice(0, HASH_DIGITS),
      duplicate: message.dup,
      start,
      end: batch.count,
    })
  }
}

function seriesOf(gateway: Gateway, { channel, kind, unit }: DecodedReading): Series {
  const { series: book, identity } = gateway
  const series = book.find(channel) ?? book.add(identity.assignmentId, channel, kind, unit)
  if (unit !== null && series.unit !== unit) {
    // The dialect carries the unit with each value: tell the historian of the new one.
    series.unit = unit
    series.introducedOn = 0
  }
  return series
}

function roundedBit({ rounded }: DecodedReading): number {
  return rounded ? Quality.rounded : Quality.good
}
