import { eventIterator } from '@orpc/contract'
import * as z from 'zod'
import { base, errors } from '../base.ts'
import { CredentialKindSchema, DialectSchema, GatewaySchema, GatewayStateSchema } from '../model/gateway.ts'
import { IdSchema } from '../model/ids.ts'
import { GroupRefSchema } from './groups.ts'

/** How long a claim window may be open, minutes. */
export const CLAIM_WINDOW_MOST = 8 * 60

/** Boxes that one call may claim. */
export const CLAIMS_MOST = 5_000

/** A box that asks to be enrolled. All but `address` is what it says of itself. */
export const KnockSchema = z.object({
  id: IdSchema,
  /** By which door it came. */
  way: z.enum(['bootstrap', 'csr', 'slots', 'tds']),
  mac: z.string().nullable(),
  label: z.string().nullable(),
  /** As it names itself in its CSR. */
  deviceId: z.string().nullable(),
  /** Who made its network interface, by the first bytes of the MAC; null where that is not registered. */
  manufacturer: z.string().nullable(),
  chip: z.string().nullable(),
  firmware: z.string().nullable(),
  hardware: z.string().nullable(),
  address: z.string(),
  /** What it asks for. */
  credential: z.enum(['certificate', 'secret']),
  /** It holds no poll secret: whoever sends from its address could be it. */
  unproven: z.boolean(),
  /** Another box has knocked under the same name. */
  flagged: z.boolean(),
  /** SHA-256 of its public key, where it made one. */
  publicKeyHash: z.string().nullable(),
  count: z.number().int(),
  firstAt: z.date(),
  lastAt: z.date(),
  tokenEndsAt: z.date().nullable(),
  state: z.enum(['waiting', 'claimed', 'delivered', 'dismissed']),
  claimedAt: z.date().nullable(),
  claimedBy: z.string().nullable(),
  /** What it became, or the gateway that already has its MAC or label, where the caller may see it. */
  gateway: z
    .object({ id: IdSchema, code: z.string(), name: z.string(), state: GatewayStateSchema })
    .nullable(),
  /** A gateway that the caller does not see has its MAC or label: it cannot be claimed. */
  taken: z.boolean(),
})
export type Knock = z.infer<typeof KnockSchema>

export const ClaimWindowSchema = z.object({
  id: IdSchema,
  tenant: z.object({ id: IdSchema, name: z.string() }),
  openedAt: z.date(),
  endsAt: z.date(),
  openedBy: z.string(),
})
export type ClaimWindow = z.infer<typeof ClaimWindowSchema>

/** What claimed boxes become. */
const BecomesSchema = z.object({
  tenant: z.string().max(64).optional().describe('Id or slug; may be left out where there is one tenant'),
  group: GroupRefSchema.optional(),
  profile: z.string().trim().min(1).max(100).optional().describe('Id or name of a gateway profile'),
  dialect: DialectSchema.optional(),
  credential: CredentialKindSchema.optional().describe(
    'Left out: what the box asks for, or its profile says',
  ),
})

export const claims = {
  list: base
    .meta({ access: 'claims:accept' })
    .route({
      method: 'GET',
      path: '/claims',
      tags: ['Claims'],
      summary: 'Boxes that ask to be enrolled, newest first',
      description:
        'People whose rights end at a tenant see them while a claim window is open for it, and those that they claimed themselves.',
    })
    .errors(errors('tenant_unknown', 'claim_window_closed'))
    .input(
      z.object({
        tenant: z.string().max(64).optional(),
        state: z.enum(['waiting', 'claimed', 'delivered', 'dismissed']).optional(),
        search: z.string().max(100).optional(),
        limit: z.coerce.number().int().min(1).max(1_000).default(100),
        after: z.string().max(100).optional().describe('`next` of the page before'),
      }),
    )
    .output(
      z.object({ knocks: z.array(KnockSchema), next: z.string().nullable(), waiting: z.number().int() }),
    ),
  /** The windows that are open now, of tenants that the caller acts for. */
  windows: base
    .meta({ access: 'claims:accept' })
    .route({ method: 'GET', path: '/claims/windows', tags: ['Claims'], summary: 'Open claim windows' })
    .output(z.object({ windows: z.array(ClaimWindowSchema), mayOpen: z.boolean() })),
  /** A signal that knocks or windows changed: ask again for what is shown; a few times a second at most. */
  watch: base
    .meta({ access: 'claims:accept' })
    .output(eventIterator(z.object({ changed: z.array(z.enum(['knocks', 'windows'])) }))),
  openWindow: base
    .meta({ access: 'claims:accept', reach: 'tenant', audit: 'claim_window.open' })
    .route({
      method: 'POST',
      path: '/claims/windows',
      tags: ['Claims'],
      summary: 'Open a claim window for a tenant, or change when it ends',
      description:
        'On a site with several tenants only people of the site may: all boxes that knock are seen in it.',
    })
    .errors(errors('tenant_unknown', 'forbidden_reach'))
    .input(
      z.object({
        tenant: z.string().max(64).optional(),
        minutes: z.coerce.number().int().min(1).max(CLAIM_WINDOW_MOST).default(30),
      }),
    )
    .output(ClaimWindowSchema),
  closeWindow: base
    .meta({ access: 'claims:accept', reach: 'tenant', audit: 'claim_window.close' })
    .route({
      method: 'POST',
      path: '/claims/windows/close',
      tags: ['Claims'],
      summary: 'Close the claim window of a tenant now',
    })
    .errors(errors('tenant_unknown', 'claim_window_closed'))
    .input(z.object({ tenant: z.string().max(64).optional() }))
    .output(z.object({ closed: z.literal(true) })),
  accept: base
    .meta({ access: 'claims:accept', audit: 'claim.accept' })
    .route({
      method: 'POST',
      path: '/claims/accept',
      tags: ['Claims'],
      summary: 'Claim one box: it becomes a gateway of the tenant',
      description:
        'Name the box by `knock`, `token` (its activation token, from its QR code: no window is needed) or `label` (as printed; MAC and device id are taken too). A box that was a gateway of the tenant before becomes it again with `replace`.',
      successStatus: 201,
    })
    .errors(
      errors(
        'tenant_unknown',
        'not_found',
        'forbidden_reach',
        'claim_window_closed',
        'claim_conflict',
        'claim_ambiguous',
        'activation_token_invalid',
        'mac_taken',
        'label_taken',
        'code_taken',
        'quota_gateways',
        'dialect_unknown',
      ),
    )
    .input(
      BecomesSchema.extend({
        knock: IdSchema.optional(),
        token: z.string().trim().min(1).max(200).optional(),
        label: z.string().trim().min(1).max(64).optional(),
        code: z
          .string()
          .trim()
          .regex(
            /^[A-Za-z0-9][A-Za-z0-9._-]{0,29}$/,
            'use 1 to 30 letters, digits, dots, dashes or underscores',
          )
          .optional(),
        name: z.string().trim().min(1).max(100).optional(),
        replace: z.boolean().default(false),
      }),
    )
    .output(GatewaySchema),
  acceptMany: base
    .meta({ access: 'claims:accept', audit: 'claim.accept_many' })
    .route({
      method: 'POST',
      path: '/claims/accept-many',
      tags: ['Claims'],
      summary: 'Claim many boxes, as a job with a row for each',
      description:
        '`knocks`: those with these ids; left out: all that wait. `code` is a pattern: `GW{n}` or `GW{n:03}` counts from the next free number.',
      successStatus: 202,
    })
    .errors(
      errors(
        'tenant_unknown',
        'not_found',
        'forbidden_reach',
        'claim_window_closed',
        'dialect_unknown',
        'quota_gateways',
      ),
    )
    .input(
      BecomesSchema.extend({
        knocks: z.array(IdSchema).min(1).max(CLAIMS_MOST).optional(),
        code: z
          .string()
          .trim()
          .max(40)
          .regex(/^[A-Za-z0-9._-]*\{n(:0?[1-9])?\}[A-Za-z0-9._-]*$/, 'use a pattern such as GW{n:03}')
          .default('GW{n:03}'),
        replace: z.boolean().default(false),
      }),
    )
    .output(z.object({ jobId: IdSchema, boxes: z.number().int() })),
  dismiss: base
    .meta({ access: 'claims:accept', audit: 'claim.dismiss' })
    .route({
      method: 'POST',
      path: '/claims/{knock}/dismiss',
      tags: ['Claims'],
      summary: 'Take a box off the list; it may knock again after a day',
    })
    .errors(errors('not_found', 'claim_window_closed', 'claim_conflict'))
    .input(z.object({ knock: IdSchema }))
    .output(z.object({ dismissed: z.literal(true) })),
}
