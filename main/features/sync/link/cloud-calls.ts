import * as z from 'zod'
import { ExpectedError } from '#contract/errors.ts'
import { type CloudMode, cloudModes } from '#contract/model/cloud.ts'
import { IdSchema } from '#contract/model/ids.ts'
import type { CloudConnection } from '#platform/postgres/cloud-connection.ts'

/** What `millwright.hello()` says to a site that it knows (cloud/README.md). */
const GreetingSchema = z.object({
  siteKey: z.number().int(),
  siteName: z.string(),
  generation: z.number().int(),
  schemaVersion: z.number().int(),
  compatibleFrom: z.number().int(),
  storage: z.enum(['native', 'timescale']),
  cloudNow: z.number(),
  cloudId: z.string(),
  /** Which counter the feed's transaction numbers are of. */
  feedOf: z.string(),
  lastSeenAt: z.string().nullable(),
  tenants: z.array(
    z.object({
      id: IdSchema,
      key: z.number().int(),
      // Of people who write SQL: one that is not ours must not make the whole answer unreadable.
      slug: z.string(),
      name: z.string(),
      mode: z.enum(cloudModes).nullable(),
    }),
  ),
})
export type Greeting = z.infer<typeof GreetingSchema>

const AnswerSchema = z.discriminatedUnion('result', [
  GreetingSchema.extend({ result: z.literal('ok') }),
  GreetingSchema.extend({ result: z.literal('copied') }),
  z.object({ result: z.literal('unknown_site') }),
])
export type Answer = z.infer<typeof AnswerSchema>

export interface Hello {
  siteId: string
  /** Those that this copy of the site may be known by. */
  tokens: readonly string[]
  /** What it is known by from now on. */
  newToken: string
  version: string
  now: number
}

/** Says who is here, and becomes the one copy of the site that is linked. */
export async function hello(connection: CloudConnection, given: Hello): Promise<Answer> {
  const { siteId, tokens, newToken, version, now } = given
  const { rows } = await connection.client.query<{ answer: unknown }>(
    'SELECT millwright.hello($1::uuid, $2::text[], $3::text, $4::text, $5::bigint) AS answer',
    [siteId, [...tokens], newToken, version, Math.round(now)],
  )
  return checked(AnswerSchema, rows[0]?.answer)
}

/** From now on this copy is the linked one; any other stops. */
export async function adopt(connection: CloudConnection, siteId: string, newToken: string): Promise<void> {
  await connection.client.query('SELECT millwright.adopt($1::uuid, $2::text)', [siteId, newToken])
}

/** `refused`: it is in the cloud and not shared with this site. */
export async function offerTenant(
  connection: CloudConnection,
  tenant: { id: string; slug: string; name: string; mode: CloudMode },
): Promise<'made' | 'shared' | 'refused'> {
  const { rows } = await connection.client.query<{ answer: unknown }>(
    'SELECT millwright.offer_tenant($1::uuid, $2::text, $3::text, $4::text) AS answer',
    [tenant.id, tenant.slug, tenant.name, tenant.mode],
  )
  return checked(z.enum(['made', 'shared', 'refused']), rows[0]?.answer)
}

export async function setMode(connection: CloudConnection, tenantId: string, mode: CloudMode): Promise<void> {
  await connection.client.query('SELECT millwright.set_mode($1::uuid, $2::text)', [tenantId, mode])
}

/** Deletes a slice of what this site sent of a tenant; `done`: nothing is left. */
export async function forgetTenant(
  connection: CloudConnection,
  tenantId: string,
): Promise<{ readings: number; objects: number; done: boolean }> {
  const { rows } = await connection.client.query<{ answer: unknown }>(
    'SELECT millwright.forget_tenant($1::uuid) AS answer',
    [tenantId],
  )
  return checked(z.object({ readings: z.number(), objects: z.number(), done: z.boolean() }), rows[0]?.answer)
}

/** Wakes this connection at changes of the cloud. */
export async function listen(connection: CloudConnection): Promise<void> {
  await connection.client.query('LISTEN millwright_changes')
}

function checked<T>(schema: z.ZodType<T>, answer: unknown): T {
  const read = schema.safeParse(answer)
  if (read.success) return read.data
  throw new ExpectedError('cloud_refused', {
    cause: `its answer is not understood: ${z.prettifyError(read.error).slice(0, 150)}`,
  })
}
