import * as z from 'zod'
import { base, errors } from '../base.ts'
import { DialectDefinitionSchema, toGatewayKinds, toSiteKinds } from '../model/dialect.ts'
import { dialectProblemCodes } from '../model/dialect-problems.ts'
import { DialectSchema as DialectNameSchema } from '../model/gateway.ts'
import { ReadingValueSchema } from '../model/reading.ts'
import { RefusalReasonSchema } from '../model/refusal.ts'

const DialectInfoSchema = z.object({
  definition: DialectDefinitionSchema,
  builtIn: z.boolean(),
  /** Of an own one, for `save`: what was read is what is changed. */
  version: z.number().int().nullable(),
  /** That the caller sees. */
  gateways: z.number().int(),
  profiles: z.number().int(),
  updatedAt: z.date().nullable(),
  updatedBy: z.string().nullable(),
})
export type DialectInfo = z.infer<typeof DialectInfoSchema>

const ProblemSchema = z.object({
  code: z.enum(dialectProblemCodes),
  /** Counted from 0; null: of the dialect as a whole. */
  topic: z.number().int().nullable(),
  subject: z.string(),
})

/** What the broker would do with a message. `rule`: which topic of the definition, counted from 0. */
const TriedSchema = z.discriminatedUnion('verdict', [
  z.object({
    verdict: z.literal('readings'),
    rule: z.number().int(),
    readings: z.array(
      z.object({
        channel: z.string(),
        value: ReadingValueSchema,
        unit: z.string().nullable(),
        /** ms since 1970 as sent; null: the site's time is taken. */
        ts: z.number().nullable(),
      }),
    ),
  }),
  z.object({
    verdict: z.literal('refused'),
    rule: z.number().int(),
    reason: RefusalReasonSchema,
    detail: z.string(),
  }),
  z.object({ verdict: z.literal('message'), rule: z.number().int(), kind: z.enum(toSiteKinds) }),
  z.object({ verdict: z.literal('to_gateway'), rule: z.number().int(), kind: z.enum(toGatewayKinds) }),
  z.object({ verdict: z.literal('denied') }),
])
export type TriedMessage = z.infer<typeof TriedSchema>

const AliasSchema = z.string().max(128).optional()

/** Who is played: a gateway of the site, or one that is made up. */
const PlayedSchema = z.union([
  z.strictObject({
    gateway: z.string().min(1).max(64).describe('Id or code'),
    tenant: z.string().max(64).optional().describe('Id or slug'),
  }),
  z.strictObject({
    mac: z.string().max(17).optional(),
    label: z.string().max(64).optional(),
    topic: AliasSchema,
    tenantAlias: AliasSchema,
    user: AliasSchema,
  }),
])

/** Topic layouts and payloads that gateways speak: the built-in ones, and those that people make. */
export const dialects = {
  list: base
    .meta({ access: 'gateways:read' })
    .route({
      method: 'GET',
      path: '/dialects',
      tags: ['Dialects'],
      summary: 'Dialects, the built-in ones first',
    })
    .input(z.object({}).optional())
    .output(z.object({ dialects: z.array(DialectInfoSchema) })),
  show: base
    .meta({ access: 'gateways:read' })
    .route({ method: 'GET', path: '/dialects/{name}', tags: ['Dialects'], summary: 'One dialect' })
    .errors(errors('not_found'))
    .input(z.object({ name: DialectNameSchema }))
    .output(DialectInfoSchema),
  save: base
    .meta({ access: 'site:write', reach: 'site', audit: 'dialect.save' })
    .route({
      method: 'PUT',
      path: '/dialects/{name}',
      tags: ['Dialects'],
      summary: 'Make an own dialect, or change it',
      description:
        '`version` is that of the dialect as it was read; null makes a new one. Gateways that speak it are connected anew.',
    })
    .errors(
      errors(
        'forbidden_reach',
        'dialect_invalid',
        'dialect_built_in',
        'dialect_name_taken',
        'dialect_changed',
        'too_many_dialects',
        'not_found',
      ),
    )
    .input(DialectDefinitionSchema.extend({ version: z.number().int().min(1).nullable().default(null) }))
    .output(DialectInfoSchema),
  remove: base
    .meta({ access: 'site:write', reach: 'site', audit: 'dialect.remove' })
    .route({
      method: 'DELETE',
      path: '/dialects/{name}',
      tags: ['Dialects'],
      summary: 'Remove an own dialect that no gateway and no profile has',
    })
    .errors(errors('forbidden_reach', 'not_found', 'dialect_built_in', 'dialect_in_use'))
    .input(z.object({ name: DialectNameSchema }))
    .output(z.object({ removed: z.literal(true) })),
  test: base
    .meta({ access: 'gateways:read' })
    .route({
      method: 'POST',
      path: '/dialects/test',
      tags: ['Dialects'],
      summary: 'What the broker would do with messages under a dialect; nothing is kept',
    })
    .errors(errors('not_found', 'tenant_unknown', 'mac_invalid'))
    .input(
      z.object({
        definition: DialectDefinitionSchema,
        as: PlayedSchema.optional(),
        messages: z
          .array(
            z.object({
              topic: z.string().max(1024),
              payload: z.string().max(65_536),
              encoding: z.enum(['text', 'base64']).default('text'),
            }),
          )
          .max(100)
          .default([]),
      }),
    )
    .output(
      z.object({
        problems: z.array(ProblemSchema),
        /** What the gateway that is played may publish and subscribe to. */
        rights: z.array(
          z.object({
            rule: z.number().int(),
            direction: z.enum(['to_site', 'to_gateway']),
            kind: z.enum([...toSiteKinds, ...toGatewayKinds]),
            topic: z.string(),
            will: z.boolean(),
          }),
        ),
        clientId: z.string(),
        results: z.array(TriedSchema),
      }),
    ),
}
