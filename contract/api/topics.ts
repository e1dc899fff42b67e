import { eventIterator } from '@orpc/contract'
import * as z from 'zod'
import { base, errors } from '../base.ts'
import { IdSchema } from '../model/ids.ts'
import { RefusalReasonSchema } from '../model/refusal.ts'

/** Bytes of a topic, as the broker bounds it. */
export const TOPIC_BYTES_MOST = 512
/** Bytes that a person may publish at a time. */
export const PUBLISH_BYTES_MOST = 64 * 1024
/** Rows of the tree that one view is given. */
export const TOPIC_ROWS_MOST = 5_000

/** A topic filter (`mw/+/telemetry`), or a part of topics, or of a gateway's code, name or label. */
const FilterSchema = z.string().max(TOPIC_BYTES_MOST)
const TenantSchema = z.string().max(64).optional().describe('Id or slug: only what is of this tenant')

/** Who published. `unknown`: it was retained before anybody looked. A name is given to those who may know it. */
export const TopicSenderSchema = z.object({
  kind: z.enum(['gateway', 'client', 'site', 'unknown']),
  id: z.string().nullable(),
  name: z.string().nullable(),
})
export type TopicSender = z.infer<typeof TopicSenderSchema>

export const TopicMessageSchema = z.object({
  topic: z.string(),
  /** When it came, ms since 1970; null: before anybody looked. */
  at: z.number().nullable(),
  qos: z.number().int().min(0).max(2),
  /** It was sent to be retained. */
  retain: z.boolean(),
  /** Why the broker did not take it. */
  refusal: RefusalReasonSchema.nullable(),
  sender: TopicSenderSchema,
  /** `utf8`: `payload` is the text; `base64`: bytes that are none. */
  encoding: z.enum(['utf8', 'base64']),
  /** The whole of it, or where `length` says more, its beginning. */
  payload: z.string(),
  /** Bytes of the whole. */
  length: z.number().int(),
})
export type TopicMessage = z.infer<typeof TopicMessageSchema>

/** One level of the tree: a topic, what lies below it, or both. */
export const TopicRowSchema = z.object({
  /** Levels joined by `/`; the row above is the path up to the last `/`. */
  path: z.string(),
  /** Levels right below. */
  children: z.number().int(),
  /** Topics at and below it. The figures count all of these, since somebody began to look. */
  topics: z.number().int(),
  messages: z.number().int(),
  /** Of them, that the broker did not take. */
  refused: z.number().int(),
  /** Messages a second when this was sent; it fades with the time constant `TOPIC_RATE_FADE`. */
  rate: z.number(),
  /** The gateway that the level names. */
  gateway: z.object({ id: IdSchema, code: z.string() }).nullable(),
  /** Whether the topic holds a retained message; false for levels without a topic. */
  retained: z.boolean(),
  /** Of the topic itself: the newest message; null for a level without. */
  last: z
    .object({
      at: z.number().nullable(),
      /** The beginning as one line of text; bytes that are none as hex. */
      preview: z.string(),
      length: z.number().int(),
      qos: z.number().int(),
      refusal: RefusalReasonSchema.nullable(),
    })
    .nullable(),
})
export type TopicRow = z.infer<typeof TopicRowSchema>

/** After so long without messages a rate has fallen to about a third, ms. */
export const TOPIC_RATE_FADE = 5_000

export const TopicTotalsSchema = z.object({
  topics: z.number().int(),
  messages: z.number().int(),
  rate: z.number(),
  /** Messages that came too fast to be counted by topic. */
  notShown: z.number().int(),
  /** Topics that were left out, for there are more than are kept. */
  topicsLeftOut: z.number().int(),
  /** Rows that `TOPIC_ROWS_MOST` left out. */
  rowsLeftOut: z.number().int(),
})
export type TopicTotals = z.infer<typeof TopicTotalsSchema>

const WatchedSchema = z.object({
  /** The newest state of rows that are new or changed. */
  rows: z.array(TopicRowSchema),
  /** Whether every row there is was sent by now: many come in several parts. */
  whole: z.boolean(),
  /** Paths of rows that are gone, with all below. */
  gone: z.array(z.string()),
  totals: TopicTotalsSchema,
})
export type TopicsWatched = z.infer<typeof WatchedSchema>

const FollowedSchema = z.object({
  /** The oldest first. In the first answer: what is known already. */
  messages: z.array(TopicMessageSchema),
  /** Messages that came too fast to be shown one by one. */
  notShown: z.number().int(),
  /** Messages at the topic since somebody began to look, where the filter is one topic; else 0. */
  total: z.number().int(),
  /** Whether the topic holds a retained message, where the filter is one topic. */
  retained: z.boolean(),
  /** Whether it is a topic that people may publish to, where the filter is one. */
  publishable: z.boolean(),
})
export type TopicsFollowed = z.infer<typeof FollowedSchema>

export const topics = {
  /**
   * The tree of what the caller may see: the first levels, and what is right below the paths of `expanded`; rows that
   * changed, a few times a second.
   */
  watch: base
    .meta({ access: 'telemetry:read' })
    .errors(errors('tenant_unknown', 'too_many_watchers'))
    .input(
      z.object({
        filter: FilterSchema.optional(),
        tenant: TenantSchema,
        expanded: z.array(z.string().max(TOPIC_BYTES_MOST)).max(2_000).default([]),
        /** Everything, as far as `TOPIC_ROWS_MOST` rows go; for the result of a filter. */
        all: z.boolean().default(false),
      }),
    )
    .output(eventIterator(WatchedSchema)),
  follow: base
    .meta({ access: 'telemetry:read' })
    .route({
      method: 'GET',
      path: '/topics/messages',
      tags: ['Topics'],
      summary: 'Messages as they are published, as server-sent events, until the caller hangs up',
    })
    .errors(errors('tenant_unknown', 'too_many_watchers'))
    .input(
      z.object({
        filter: z.string().min(1).max(TOPIC_BYTES_MOST).describe('A topic, or a topic filter'),
        tenant: TenantSchema,
      }),
    )
    .output(eventIterator(FollowedSchema)),
  captured: base
    .meta({ access: 'telemetry:read' })
    .route({
      method: 'GET',
      path: '/topics/captured',
      tags: ['Topics'],
      summary:
        'The newest message of each topic: retained ones, what came while this call waited, what was refused',
    })
    .errors(errors('tenant_unknown', 'not_found', 'too_many_watchers'))
    .input(
      z.object({
        filter: FilterSchema.optional(),
        tenant: TenantSchema,
        gateway: z.string().max(100).optional().describe('Id or code: what it sent, and what is for it'),
        wait: z.coerce.number().min(0).max(30).default(1).describe('Seconds'),
        limit: z.coerce.number().int().min(1).max(1_000).default(200),
      }),
    )
    .output(z.object({ messages: z.array(TopicMessageSchema) })),
  publish: base
    .meta({ access: 'gateways:command', audit: 'topic.publish' })
    .route({
      method: 'POST',
      path: '/topics/publish',
      tags: ['Topics'],
      summary: 'Publish to a topic that a gateway receives on, or in the topic space of an MQTT client',
      description:
        'An empty payload with `retain` removes the retained message. The audit keeps size and SHA-256 of the payload, not the payload.',
    })
    .errors(
      errors(
        'topic_invalid',
        'topic_not_yours',
        'topic_retain_refused',
        'retained_full',
        'gateway_state_conflict',
        'broker_restarting',
        'store_failed',
      ),
    )
    .input(
      z.object({
        topic: z.string().min(1).max(2_000),
        payload: z.string().max(PUBLISH_BYTES_MOST * 2),
        encoding: z.enum(['utf8', 'base64']).default('utf8'),
        qos: z.coerce
          .number()
          .int()
          .min(0)
          .max(1)
          .default(1)
          .describe('0: to those who are connected now; 1: kept for those who are away'),
        retain: z.boolean().default(false),
      }),
    )
    .output(z.object({ topic: z.string(), bytes: z.number().int(), sha256: z.string() })),
}
