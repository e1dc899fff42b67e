import * as z from 'zod'
import { base, errors } from '../base.ts'
import { JobSchema } from '../model/job.ts'
import { FactorCodeSchema } from './account.ts'
import { TenantDetailsSchema } from './tenants.ts'

/** Typed by hand: nobody deletes by a slip of the hand. */
const ConfirmSchema = z.string().trim().max(254)
const TenantInput = z.object({ tenant: z.string().min(1).max(64).describe('Id or slug') })
const UserInput = z.object({ userId: z.uuid() })

/** What somebody may ask about data on themself, and what a tenant may take along or have deleted. */
export const privacy = {
  exportOwn: base
    .meta({ access: 'person', audit: 'privacy.export_own' })
    .route({
      method: 'POST',
      path: '/account/export',
      tags: ['Privacy'],
      summary: 'All data about you as a ZIP of JSON files; a job',
      successStatus: 202,
    })
    .errors(errors('too_many_jobs'))
    .output(JobSchema),
  exportUser: base
    .meta({ access: 'users:write', audit: 'privacy.export_user' })
    .route({
      method: 'POST',
      path: '/users/{userId}/export',
      tags: ['Privacy'],
      summary: 'All data about a person as a ZIP of JSON files; a job',
      successStatus: 202,
    })
    .errors(errors('not_found', 'account_beyond', 'too_many_jobs'))
    .input(UserInput)
    .output(JobSchema),
  exportTenant: base
    .meta({ access: 'tenants:write', reach: 'tenant', audit: 'privacy.export_tenant' })
    .route({
      method: 'POST',
      path: '/tenants/{tenant}/export',
      tags: ['Privacy'],
      summary: 'Everything of a tenant, readings included, as one ZIP; a job',
      successStatus: 202,
    })
    .errors(errors('forbidden_reach', 'tenant_unknown', 'too_many_jobs'))
    .input(
      TenantInput.extend({ format: z.enum(['csv', 'parquet']).default('csv').describe('Of the readings') }),
    )
    .output(JobSchema),
  eraseOwn: base
    .meta({ access: 'person', audit: 'privacy.erase_own' })
    .route({
      method: 'POST',
      path: '/account/erase',
      tags: ['Privacy'],
      summary: 'Delete your account and all personal data, for good',
      successStatus: 204,
    })
    .errors(
      errors(
        'wrong_credentials',
        'account_locked',
        'too_many_requests',
        'second_factor_required',
        'second_factor_wrong',
        'confirmation_wrong',
        'last_site_admin',
      ),
    )
    .input(
      z.object({
        confirm: ConfirmSchema.describe('Your e-mail address'),
        password: z.string().max(1024).optional().describe('Where you have one'),
        code: FactorCodeSchema.optional(),
      }),
    )
    .output(z.void()),
  eraseUser: base
    .meta({ access: 'users:write', audit: 'privacy.erase_user' })
    .route({
      method: 'POST',
      path: '/users/{userId}/erase',
      tags: ['Privacy'],
      summary: "Delete a person's account and all their personal data, for good",
      successStatus: 204,
    })
    .errors(errors('not_found', 'account_beyond', 'not_yourself', 'confirmation_wrong', 'last_site_admin'))
    .input(UserInput.extend({ confirm: ConfirmSchema.describe('Their e-mail address') }))
    .output(z.void()),
  requestDeletion: base
    .meta({ access: 'tenants:write', reach: 'site', audit: 'tenant.delete.request' })
    .route({
      method: 'POST',
      path: '/tenants/{tenant}/deletion',
      tags: ['Privacy'],
      summary: 'Suspend a tenant now, and delete it with all its data after the grace period',
    })
    .errors(
      errors(
        'forbidden_reach',
        'tenant_unknown',
        'confirmation_wrong',
        'tenant_export_missing',
        'tenant_deletion_conflict',
        'last_tenant',
      ),
    )
    .input(
      TenantInput.extend({
        confirm: ConfirmSchema.describe('The slug of the tenant'),
        withoutExport: z.boolean().default(false).describe('Although nobody exported it in the last 7 days'),
      }),
    )
    .output(TenantDetailsSchema),
  cancelDeletion: base
    .meta({ access: 'tenants:write', reach: 'site', audit: 'tenant.delete.cancel' })
    .route({
      method: 'DELETE',
      path: '/tenants/{tenant}/deletion',
      tags: ['Privacy'],
      summary: 'Keep a tenant after all, while its grace period runs',
    })
    .errors(errors('forbidden_reach', 'tenant_unknown', 'tenant_deletion_conflict'))
    .input(TenantInput)
    .output(TenantDetailsSchema),
}
