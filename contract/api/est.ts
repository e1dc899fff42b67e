import * as z from 'zod'
import { base, errors } from '../base.ts'
import { IdSchema } from '../model/ids.ts'
import { GroupRefSchema } from './groups.ts'

/** Hours that a one-time password counts where nothing else is asked, and at the most. */
export const EST_PASSWORD_HOURS = 24
export const EST_PASSWORD_HOURS_MOST = 7 * 24

export const EstPasswordSchema = z.object({
  username: z.string(),
  /** What the box becomes; null: what it says, or the site chooses. */
  mac: z.string().nullable(),
  code: z.string().nullable(),
  name: z.string().nullable(),
  tenant: z.object({ id: IdSchema, slug: z.string(), name: z.string() }),
  createdAt: z.date(),
  createdBy: z.string(),
  expiresAt: z.date(),
  usedAt: z.date().nullable(),
  /** What was enrolled with it. */
  gateway: z.object({ id: IdSchema, code: z.string() }).nullable(),
  state: z.enum(['waiting', 'used', 'expired']),
})
export type EstPassword = z.infer<typeof EstPasswordSchema>

export const est = {
  list: base
    .meta({ access: 'gateways:write' })
    .route({
      method: 'GET',
      path: '/est/passwords',
      tags: ['EST'],
      summary: 'One-time passwords for EST, the newest first; never the passwords themselves',
    })
    .errors(errors('tenant_unknown'))
    .input(z.object({ tenant: z.string().max(64).optional() }).optional())
    .output(z.object({ passwords: z.array(EstPasswordSchema) })),
  createPassword: base
    .meta({ access: 'gateways:write', audit: 'est.password_create' })
    .route({
      method: 'POST',
      path: '/est/passwords',
      tags: ['EST'],
      summary: 'Make a one-time password with which one box may enroll by EST',
      description: 'Shown once. What is given here is what the box becomes, whatever it says of itself.',
      successStatus: 201,
    })
    .errors(errors('tenant_unknown', 'not_found', 'forbidden_reach', 'mac_invalid', 'mac_taken'))
    .input(
      z.object({
        tenant: z
          .string()
          .max(64)
          .optional()
          .describe('Id or slug; may be left out where there is one tenant'),
        group: GroupRefSchema.optional().describe('Id, or path `Plant 1/Line 2`'),
        profile: z.string().trim().min(1).max(100).optional().describe('Id or name of a gateway profile'),
        mac_address: z.string().max(64).optional().describe('Only a box with this MAC'),
        code: z
          .string()
          .trim()
          .regex(
            /^[A-Za-z0-9][A-Za-z0-9._-]{0,29}$/,
            'use 1 to 30 letters, digits, dots, dashes or underscores',
          )
          .optional(),
        name: z.string().trim().min(1).max(100).optional(),
        hours: z.coerce.number().int().min(1).max(EST_PASSWORD_HOURS_MOST).default(EST_PASSWORD_HOURS),
      }),
    )
    .output(
      z.object({
        username: z.string(),
        password: z.string(),
        expires_at: z.date(),
        /** Where the box enrolls: an address of the listener for devices. */
        url: z.string(),
      }),
    ),
  removePassword: base
    .meta({ access: 'gateways:write', audit: 'est.password_remove' })
    .route({
      method: 'DELETE',
      path: '/est/passwords/{username}',
      tags: ['EST'],
      summary: 'Take back a one-time password that was not used',
    })
    .errors(errors('not_found'))
    .input(z.object({ username: z.string().min(1).max(64) }))
    .output(z.object({ removed: z.literal(true) })),
}
