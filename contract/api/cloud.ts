import { eventIterator } from '@orpc/contract'
import * as z from 'zod'
import { base, errors } from '../base.ts'
import {
  CloudConflictSchema,
  CloudDeadLetterSchema,
  CloudDeletedSchema,
  CloudLimitsSchema,
  CloudLoginSchema,
  CloudPreviewSchema,
  CloudStatusSchema,
  CloudSweepSchema,
  CloudTenantChoiceSchema,
} from '../model/cloud.ts'
import { IdSchema } from '../model/ids.ts'

const connecting = [
  'cloud_url_invalid',
  'cloud_ca_invalid',
  'cloud_host_unknown',
  'cloud_address_refused',
  'cloud_inside_network',
  'cloud_unreachable',
  'cloud_silent',
  'cloud_link_lost',
  'cloud_not_postgres',
  'cloud_tls_refused',
  'cloud_certificate_unknown',
  'cloud_certificate_name',
  'cloud_certificate_expired',
  'cloud_login_refused',
  'cloud_database_unknown',
  'cloud_too_many_connections',
  'cloud_starting',
  'cloud_version_too_old',
  'cloud_schema_missing',
  'cloud_schema_foreign',
  'cloud_schema_older',
  'cloud_schema_newer',
  'cloud_role_unknown',
  'cloud_role_lacks_rights',
  'cloud_read_only',
  'cloud_busy',
  'cloud_full',
  'cloud_refused',
  'cloud_another',
  'cloud_another_site',
] as const

const StateSchema = z.discriminatedUnion('joined', [
  /** `left`: what leaving the last one deleted there, since the site was started. */
  z.object({ joined: z.literal(false), left: CloudDeletedSchema.nullable() }),
  z.object({ joined: z.literal(true), status: CloudStatusSchema }),
])
export type CloudView = z.infer<typeof StateSchema>

const JoinSchema = CloudLoginSchema.extend({
  tenants: z.array(CloudTenantChoiceSchema).min(1).max(1_000),
  limits: CloudLimitsSchema.partial().optional(),
})

/** The shared Postgres: joined only when a person asks, and left when they say so. */
export const cloud = {
  show: base
    .meta({ access: 'cloud:write', reach: 'site' })
    .route({
      method: 'GET',
      path: '/cloud',
      tags: ['Cloud'],
      summary: 'The link to the cloud: state, backlog, tenants',
    })
    .output(StateSchema),
  /** At once, and whenever it changes; at most once a second. */
  watch: base.meta({ access: 'cloud:write', reach: 'site' }).output(eventIterator(StateSchema)),
  /** Connects, looks, writes nothing. */
  preview: base
    .meta({ access: 'cloud:write', reach: 'site', audit: 'cloud.preview' })
    .route({
      method: 'POST',
      path: '/cloud/preview',
      tags: ['Cloud'],
      summary: 'Look at a cloud before joining it: who it is, what would be sent, how long it takes',
    })
    .errors(errors(...connecting, 'cloud_joined_already', 'tenant_unknown'))
    .input(JoinSchema)
    .output(CloudPreviewSchema),
  join: base
    .meta({ access: 'cloud:write', reach: 'site', audit: 'cloud.join' })
    .route({
      method: 'POST',
      path: '/cloud/join',
      tags: ['Cloud'],
      summary: 'Join a cloud; from now on data is sent',
    })
    .errors(
      errors(
        ...connecting,
        'cloud_joined_already',
        'cloud_tenant_refused',
        'cloud_tenant_linked',
        'cloud_login_used',
        'tenant_unknown',
      ),
    )
    .input(
      JoinSchema.extend({
        takeOver: z
          .boolean()
          .default(false)
          .describe('This installation takes the place of the one that used the login, and that is gone'),
      }),
    )
    .output(CloudStatusSchema),
  leave: base
    .meta({ access: 'cloud:write', reach: 'site', audit: 'cloud.leave' })
    .route({
      method: 'POST',
      path: '/cloud/leave',
      tags: ['Cloud'],
      summary: 'Stop sending; with deleteSent the site leaves once what was sent is deleted there',
    })
    .errors(errors(...connecting, 'cloud_not_joined', 'cloud_copied'))
    .input(z.object({ deleteSent: z.boolean().default(false) }))
    .output(StateSchema),
  setTenants: base
    .meta({ access: 'cloud:write', reach: 'site', audit: 'cloud.tenants' })
    .route({
      method: 'PUT',
      path: '/cloud/tenants',
      tags: ['Cloud'],
      summary: 'What of which tenant is sent',
    })
    .errors(
      errors(
        'cloud_not_joined',
        'cloud_leaving',
        'cloud_tenant_linked',
        'cloud_tenant_sent',
        'tenant_unknown',
      ),
    )
    .input(z.object({ tenants: z.array(CloudTenantChoiceSchema).min(1).max(1_000) }))
    .output(CloudStatusSchema),
  setLimits: base
    .meta({ access: 'cloud:write', reach: 'site', audit: 'cloud.limits' })
    .route({ method: 'PATCH', path: '/cloud', tags: ['Cloud'], summary: 'Bandwidth, hours, password hashes' })
    .errors(errors('cloud_not_joined'))
    .input(CloudLimitsSchema.partial())
    .output(CloudStatusSchema),
  setLogin: base
    .meta({ access: 'cloud:write', reach: 'site', audit: 'cloud.login' })
    .route({
      method: 'PUT',
      path: '/cloud/login',
      tags: ['Cloud'],
      summary: 'New address or credentials of the same cloud; tried before they are taken',
    })
    .errors(errors(...connecting, 'cloud_not_joined'))
    .input(CloudLoginSchema)
    .output(CloudStatusSchema),
  pause: base
    .meta({ access: 'cloud:write', reach: 'site', audit: 'cloud.pause' })
    .route({ method: 'POST', path: '/cloud/pause', tags: ['Cloud'], summary: 'Send nothing until resumed' })
    .errors(errors('cloud_not_joined'))
    .output(CloudStatusSchema),
  resume: base
    .meta({ access: 'cloud:write', reach: 'site', audit: 'cloud.resume' })
    .route({ method: 'POST', path: '/cloud/resume', tags: ['Cloud'], summary: 'Go on, or try again now' })
    .errors(errors('cloud_not_joined'))
    .output(CloudStatusSchema),
  /** After `cloud_copied`. */
  keepThis: base
    .meta({ access: 'cloud:write', reach: 'site', audit: 'cloud.keepThis' })
    .route({
      method: 'POST',
      path: '/cloud/keep-this',
      tags: ['Cloud'],
      summary: 'Of two copies of a site, this one stays linked; the other stops',
    })
    .errors(errors(...connecting, 'cloud_not_joined'))
    .output(CloudStatusSchema),
  resync: base
    .meta({ access: 'cloud:write', reach: 'site', audit: 'cloud.resync' })
    .route({
      method: 'POST',
      path: '/cloud/resync',
      successStatus: 202,
      tags: ['Cloud'],
      summary: 'Compare readings with the cloud, channel by channel and day by day, and mend what differs',
    })
    .errors(
      errors(
        'cloud_not_joined',
        'cloud_sends_no_readings',
        'cloud_tenant_sends_none',
        'range_invalid',
        'not_found',
        'tenant_unknown',
      ),
    )
    .input(
      z.object({
        tenantId: IdSchema.nullable().default(null),
        channelIds: z.array(IdSchema).max(1_000).nullable().default(null),
        from: z.number().int().nullable().default(null),
        to: z.number().int().nullable().default(null),
      }),
    )
    .output(CloudSweepSchema),
  cancelSweep: base
    .meta({ access: 'cloud:write', reach: 'site', audit: 'cloud.cancelSweep' })
    .route({
      method: 'DELETE',
      path: '/cloud/sweeps/{sweepId}',
      tags: ['Cloud'],
      summary: 'Stop sending history, or a resync; what was sent stays',
    })
    .errors(errors('cloud_not_joined', 'not_found'))
    .input(z.object({ sweepId: IdSchema }))
    .output(z.object({})),
  deadLetters: base
    .meta({ access: 'cloud:write', reach: 'site' })
    .route({
      method: 'GET',
      path: '/cloud/dead-letters',
      tags: ['Cloud'],
      summary: 'What the cloud, or the site, refused, newest first; as CSV at /cloud/dead-letters.csv',
    })
    .input(
      z.object({
        tenantId: IdSchema.optional(),
        kind: z.enum(['reading', 'object']).optional(),
        limit: z.coerce.number().int().min(1).max(500).default(100),
        after: IdSchema.optional(),
      }),
    )
    .output(
      z.object({ deadLetters: z.array(CloudDeadLetterSchema), total: z.number(), next: IdSchema.nullable() }),
    ),
  retryDeadLetters: base
    .meta({ access: 'cloud:write', reach: 'site', audit: 'cloud.retryDeadLetters' })
    .route({
      method: 'POST',
      path: '/cloud/dead-letters/retry',
      tags: ['Cloud'],
      summary: 'Send them again: those named, or all',
    })
    .errors(errors('cloud_not_joined', 'not_found'))
    .input(z.object({ ids: z.array(IdSchema).min(1).max(500).nullable().default(null) }))
    .output(z.object({ retried: z.number() })),
  /** The value as it should have been; it is stored here as a correction too, and sent. */
  editDeadLetter: base
    .meta({ access: 'cloud:write', reach: 'site', audit: 'cloud.editDeadLetter' })
    .route({
      method: 'PUT',
      path: '/cloud/dead-letters/{deadLetterId}',
      tags: ['Cloud'],
      summary: 'Correct the value of a refused reading and send it',
    })
    .errors(
      errors(
        'cloud_not_joined',
        'not_found',
        'cloud_channel_gone',
        'cloud_text_nul',
        'cloud_text_surrogate',
        'cloud_value_not_a_number',
      ),
    )
    .input(
      z.object({ deadLetterId: IdSchema, value: z.union([z.number(), z.boolean(), z.string().max(65_536)]) }),
    )
    .output(z.object({})),
  discardDeadLetters: base
    .meta({ access: 'cloud:write', reach: 'site', audit: 'cloud.discardDeadLetters' })
    .route({
      method: 'POST',
      path: '/cloud/dead-letters/discard',
      tags: ['Cloud'],
      summary: 'Give them up; the readings stay at the site',
    })
    .errors(errors('not_found'))
    .input(z.object({ ids: z.array(IdSchema).min(1).max(500) }))
    .output(z.object({ discarded: z.number() })),
  conflicts: base
    .meta({ access: 'cloud:write', reach: 'site' })
    .route({
      method: 'GET',
      path: '/cloud/conflicts',
      tags: ['Cloud'],
      summary: 'Fields that were changed here and elsewhere at the same time, with both values',
    })
    .input(
      z.object({
        which: z.enum(['open', 'all']).default('open').describe('open: those that nobody has settled'),
        limit: z.coerce.number().int().min(1).max(500).default(100),
      }),
    )
    .output(z.object({ conflicts: z.array(CloudConflictSchema), total: z.number() })),
  resolveConflict: base
    .meta({ access: 'cloud:write', reach: 'site', audit: 'cloud.resolveConflict' })
    .route({
      method: 'POST',
      path: '/cloud/conflicts/{conflictId}/resolve',
      tags: ['Cloud'],
      summary: 'Keep the value that counts, or use the other',
    })
    .errors(errors('cloud_not_joined', 'not_found'))
    .input(z.object({ conflictId: IdSchema, use: z.enum(['kept', 'other']) }))
    .output(CloudConflictSchema),
}
