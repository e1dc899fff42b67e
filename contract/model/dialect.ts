import * as z from 'zod'
import { DialectSchema } from './gateway.ts'

/**
 * A dialect as data: the topics of a gateway and what their payloads mean. What a gateway may publish and subscribe to, how its
 * readings are found, and what its configuration is told all follow from one of these.
 */

/** Levels that tell whose a topic is. `{wire}` is never an alias; the others may be one. */
export const identifyingNames = ['wire', 'gateway', 'mac', 'id', 'label', 'device'] as const
/** Levels that stand for what a gateway belongs to. */
export const belongingNames = ['tenant', 'user'] as const
export const topicNames = [...identifyingNames, ...belongingNames] as const
export type TopicName = (typeof topicNames)[number]

/** How a client id may name its gateway; `any`: not at all. Its session is kept under the wire name whatever it sends. */
export const clientIdForms = ['wire', 'mac', 'id', 'label', 'alias', 'any'] as const
export const ClientIdFormSchema = z.enum(clientIdForms)
export type ClientIdForm = z.infer<typeof ClientIdFormSchema>

export const PATTERN_LENGTH_MAX = 256
export const PATTERN_LEVELS_MAX = 16
const PatternSchema = z.string().min(1).max(PATTERN_LENGTH_MAX)

/** RFC 6901: where in the payload; the empty one is the payload as a whole. */
const PointerSchema = z
  .string()
  .max(256)
  .regex(/^(?:\/(?:[^~/]|~[01])*)*$/, 'write a JSON pointer, such as /value or /data/temperature')

/** `slot/{n}`: what stands in braces is filled from the topic, `{key}` and `{name}` from the payload. */
const ChannelTemplateSchema = z.string().min(1).max(128)
const WordsSchema = z.array(z.string().min(1).max(32)).max(8)

const timed = {
  /** Where the time is; the first that is there counts. None: the site's time. */
  time: z.array(PointerSchema).max(4).optional(),
  /** Of a time that is a number since 1970. A text is an ISO time. */
  timeUnit: z.enum(['ms', 's']).optional(),
  /** An array of what is described here, each element by itself; left out: the payload, or each element of it. */
  items: PointerSchema.optional(),
}

/** How a payload becomes readings. */
export const CodecDefinitionSchema = z.discriminatedUnion('format', [
  /** Canonical: `{"ts": 1771322400000, "values": {"temperature": 21.4}}`. */
  z.strictObject({ format: z.literal('values') }),
  /** `{"timestamp": …, "valor": 21.4, "unidade": "°C"}`, channel `value`. */
  z.strictObject({ format: z.literal('valor') }),
  /** One value at a place of a JSON object. */
  z.strictObject({
    format: z.literal('value_object'),
    channel: ChannelTemplateSchema,
    /** `/value` where left out. */
    value: PointerSchema.optional(),
    unit: PointerSchema.optional(),
    /** What `{name}` of the channel stands for. */
    name: PointerSchema.optional(),
    ...timed,
  }),
  /** Every field of a JSON object is a value; of an object in it too, as `air/temperature`. */
  z.strictObject({ format: z.literal('object'), channel: ChannelTemplateSchema, ...timed }),
  /** The payload is the value: a number, true or false, or text. */
  z.strictObject({
    format: z.literal('bare'),
    channel: ChannelTemplateSchema,
    /** Texts that mean true and false, whatever their case. */
    on: WordsSchema.optional(),
    off: WordsSchema.optional(),
  }),
])
export type CodecDefinition = z.infer<typeof CodecDefinitionSchema>

export const toSiteKinds = ['telemetry', 'status', 'events', 'logs', 'command_ack', 'twin_reported'] as const
export const toGatewayKinds = ['commands', 'twin_desired', 'ota', 'time'] as const
export type TopicKind = (typeof toSiteKinds)[number] | (typeof toGatewayKinds)[number]

export const TopicRuleDefinitionSchema = z.discriminatedUnion('direction', [
  z.strictObject({
    direction: z.literal('to_site'),
    pattern: PatternSchema,
    kind: z.enum(toSiteKinds),
    /** May be the topic of a last will. */
    will: z.boolean().optional(),
    /** Of telemetry. */
    codec: CodecDefinitionSchema.optional(),
  }),
  z.strictObject({
    direction: z.literal('to_gateway'),
    pattern: PatternSchema,
    kind: z.enum(toGatewayKinds),
  }),
])
export type TopicRuleDefinition = z.infer<typeof TopicRuleDefinitionSchema>

/** How often a sender may publish: `perSecond` sustained, `burst` at once. */
export const MessageRateSchema = z.strictObject({
  perSecond: z.number().min(0.001).max(10_000),
  burst: z.number().int().min(1).max(100_000),
})

export const DialectDefinitionSchema = z.strictObject({
  name: DialectSchema,
  title: z
    .string()
    .trim()
    .min(1)
    .max(80)
    .regex(/^[^\p{Cc}\p{Zl}\p{Zp}]*$/u, 'use one line'),
  clientIds: z.array(ClientIdFormSchema).min(1).max(clientIdForms.length),
  /** Those without an open level come first, then the others in this order: the first that fits counts. */
  topics: z.array(TopicRuleDefinitionSchema).min(1).max(32),
  /** Left out: 100 messages a second, 500 at once. */
  rates: z
    .strictObject({
      gateway: MessageRateSchema,
      /** Of each telemetry topic by itself. */
      topic: MessageRateSchema.optional(),
    })
    .optional(),
})
export type DialectDefinition = z.infer<typeof DialectDefinitionSchema>

/** Own dialects of a site. */
export const MOST_DIALECTS = 50
