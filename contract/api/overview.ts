import { eventIterator } from '@orpc/contract'
import * as z from 'zod'
import { base } from '../base.ts'
import { CodedProblemSchema } from '../model/cloud.ts'
import { fleetStatuses } from '../model/gateway.ts'
import { IdSchema } from '../model/ids.ts'
import { RefusalReasonSchema } from '../model/refusal.ts'
import { DiskHorizonSchema, storageEventKinds } from '../model/retention.ts'

const StatusCountsSchema = z.record(z.enum(fleetStatuses), z.number().int())

export const OverviewSchema = z.object({
  /** ms. */
  now: z.number(),
  counts: StatusCountsSchema,
  total: z.number().int(),
  ingest: z.object({
    perSecond: z.number(),
    /** Readings per second, the last 60 spans of ten seconds, oldest first. */
    trend: z.array(z.number()),
    dropped: z.number().int(),
  }),
  disk: z.object({
    usedBytes: z.number(),
    freeBytes: z.number(),
    totalBytes: z.number(),
    horizon: DiskHorizonSchema,
  }),
  certificates: z.object({
    due: z.number().int(),
    total: z.number().int(),
    next: z.object({ code: z.string(), notAfter: z.number() }).nullable(),
  }),
  /** How long the site runs untouched, and what ends first; null while there is nothing to end. */
  horizon: z
    .object({
      days: z.number(),
      cause: z.enum(['certificate', 'broker_certificate', 'crl', 'disk', 'budget']),
      what: z.string(),
    })
    .nullable(),
  /** What needs a person, most urgent first, at most twelve. */
  attention: z.array(
    z.object({
      kind: z.enum([
        'offline',
        'refused',
        'stale',
        'certificate_due',
        'store_stalled',
        'credential_waiting',
        'fold_failed',
        'blocks_damaged',
        'budget_used_up',
        'budget_near',
        'disk_short',
        'cloud_stopped',
        'cloud_tenant_stopped',
      ]),
      gatewayId: IdSchema.nullable(),
      /** Of the gateway; of `cloud_tenant_stopped`, the tenant's name. */
      code: z.string().nullable(),
      name: z.string().nullable(),
      /** ms since when. */
      since: z.number(),
      reason: RefusalReasonSchema.nullable(),
      count: z.number().int(),
      detail: z.string().nullable(),
      /** Why the link to the cloud has stopped, or nothing of a tenant is sent. */
      problem: CodedProblemSchema.nullable(),
    }),
  ),
  attentionTotal: z.number().int(),
  events: z.array(
    z.object({
      at: z.number(),
      kind: z.enum([
        'online',
        'offline',
        'claimed',
        'active',
        'suspended',
        'revoked',
        'unclaimed',
        'refused',
        'signed_in',
        ...storageEventKinds,
      ]),
      gatewayId: IdSchema.nullable(),
      /** Of the gateway; of what the store did by itself, the month and class, or the file. */
      code: z.string().nullable(),
      text: z.string().nullable(),
      /** Readings or blocks that an event of the store is about; else 0. */
      count: z.number().int(),
    }),
  ),
  tenants: z.array(
    z.object({
      id: IdSchema,
      name: z.string(),
      counts: StatusCountsSchema,
      total: z.number().int(),
      /** One square a gateway, worst first, at most 400. */
      squares: z.array(z.object({ id: IdSchema, code: z.string(), status: z.enum(fleetStatuses) })),
    }),
  ),
})
export type Overview = z.infer<typeof OverviewSchema>

export const overview = {
  show: base
    .meta({ access: 'gateways:read' })
    .route({ method: 'GET', path: '/overview', tags: ['Site'], summary: 'What the Overview shows' })
    .output(OverviewSchema),
  /** At most once a second, and only when something changed. */
  watch: base.meta({ access: 'gateways:read' }).output(eventIterator(OverviewSchema)),
}
