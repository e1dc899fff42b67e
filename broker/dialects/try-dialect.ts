import { isUtf8 } from 'node:buffer'
import { AccessRules } from '#broker/auth/access-rules.ts'
import type { DialectDefinition } from '#contract/model/dialect.ts'
import type { RefusalReason } from '#contract/model/refusal.ts'
import type { CodecLimits, DecodedReading } from './codec.ts'
import { type Dialect, fieldsOf, type ToGateway, type ToSite } from './dialect.ts'
import type { DialectBook } from './dialect-book.ts'
import { topicOf } from './dialects.ts'
import type { TopicOwner } from './topic-names.ts'

/** What the broker would do with a message of one gateway. `rule`: which topic of the definition, counted from 0. */
export type Tried =
  | { verdict: 'readings'; rule: number; readings: DecodedReading[] }
  | { verdict: 'refused'; rule: number; reason: RefusalReason; detail: string }
  | { verdict: 'message'; rule: number; kind: ToSite['kind'] }
  | { verdict: 'to_gateway'; rule: number; kind: ToGateway['kind'] }
  | { verdict: 'denied' }

/** One topic of a gateway, with its names filled in. */
export interface Right {
  rule: number
  direction: 'to_site' | 'to_gateway'
  kind: ToSite['kind'] | ToGateway['kind']
  /** A filter where the dialect leaves a level open. */
  topic: string
  will: boolean
}

export interface Sample {
  topic: string
  payload: Uint8Array
}

/** A dialect on trial: the same code that the broker runs, with nothing connected to it. */
export class DialectTrial {
  readonly dialect: Dialect
  private readonly definition: DialectDefinition
  private readonly owner: TopicOwner
  private readonly rules: AccessRules

  /** @param book the dialects of the site, this one not needed among them */
  constructor(definition: DialectDefinition, owner: TopicOwner, book: DialectBook) {
    const candidate = book.trying(definition)
    this.definition = definition
    this.owner = owner
    const { roots } = candidate
    this.dialect = candidate.get(definition.name)
    this.rules = new AccessRules(this.dialect, owner, { roots, isAlone: () => true })
  }

  send({ topic, payload }: Sample, limits: CodecLimits): Tried {
    const rule = this.rules.publishing(topic)
    if (!rule) {
      const received = this.rules.receiving(topic)
      if (!received) return { verdict: 'denied' }
      return { verdict: 'to_gateway', rule: this.indexOf(received), kind: received.kind }
    }
    const index = this.indexOf(rule)
    if (rule.decode === null) return { verdict: 'message', rule: index, kind: rule.kind }
    if (!isUtf8(payload))
      return {
        verdict: 'refused',
        rule: index,
        reason: 'payload_not_json',
        detail: 'the payload is not UTF-8',
      }
    const text = Buffer.from(payload).toString()
    const decoded = rule.decode(text, limits, fieldsOf(rule, topic))
    return decoded.ok
      ? { verdict: 'readings', rule: index, readings: decoded.readings }
      : { verdict: 'refused', rule: index, reason: decoded.reason, detail: decoded.detail }
  }

  /** What the gateway may publish and subscribe to; those that it has no name for are left out. */
  get rights(): Right[] {
    return this.dialect.topics
      .flatMap((rule) => {
        const topic = topicOf(rule, this.owner)
        if (topic === null) return []
        const { direction, kind } = rule
        const will = rule.direction === 'to_site' && rule.will
        return [{ rule: this.indexOf(rule), direction, kind, topic, will }]
      })
      .sort((a, b) => a.rule - b.rule)
  }

  private indexOf({ pattern, direction }: ToSite | ToGateway): number {
    return this.definition.topics.findIndex((one) => one.pattern === pattern && one.direction === direction)
  }
}
