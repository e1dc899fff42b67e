import type { JobData } from '#contract/model/job.ts'
import { AuditDraft, type AuditService } from '#features/audit/index.ts'
import type { Pki } from '#features/pki/index.ts'
import type { Clock } from '#platform/clock/clock.ts'
import type { SiteDb } from '#platform/db/site-db.ts'
import type { Erasure } from '#platform/historian/historian.ts'
import type { JobContext, JobKind } from '#platform/jobs/job-kind.ts'
import { anonymizeCertificates } from './erase-certificates.ts'
import type { ErasedPerson } from './erase-person.ts'
import {
  belongingsOf,
  eraseGateway,
  eraseRows,
  eraseTenantRow,
  peopleOnlyIn,
  returnGateway,
  type TenantBelongings,
} from './erase-tenant.ts'
import type { PersonErasure } from './person-erasure.service.ts'

/** What other parts of the site do about a tenant that goes; all of it bears being done twice. */
export interface TenantErasureEffects {
  /** Jobs of the tenant end, and their files go. */
  endJobs(tenantId: string): Promise<void>
  /** The gateway's sessions end; what the broker keeps of it is forgotten. */
  silenceGateway(gatewayId: string): Promise<void>
  /** Lists, live streams and counters know it no more; what they were about to write is written. */
  forgetInMemory(tenantId: string, gatewayIds: readonly string[]): Promise<void>
  eraseReadings(of: { seriesIds: number[]; assignmentIds: string[]; gatewayIds: string[] }): Promise<Erasure>
  /** The broker hears that these are gone. */
  gatewayGone(gatewayId: string): Promise<void>
  clientGone(mqttClientId: string): Promise<void>
  /** Groups, retention and the broker's limits follow. */
  tenantGone(tenantId: string): Promise<void>
  /** Overwrites what deleted rows left in files. */
  scrub(): Promise<void>
}

export interface TenantDeletionDependencies {
  db: SiteDb
  clock: Clock
  audit: AuditService
  pki: Pick<Pki, 'revokeCertificates' | 'revokeClientCertificates' | 'refreshCrlIfDue' | 'eraseTrail'>
  people: Pick<PersonErasure, 'eraseIn' | 'follow'>
  effects: TenantErasureEffects
}

interface Deletion extends TenantDeletionDependencies {
  tenantId: string
  of: TenantBelongings
  context: JobContext
}

const by = { kind: 'system', id: null, name: 'site' } as const

/**
 * Erases a tenant whose grace period is over. Each step finds what is left and bears being done twice, so that it goes on
 * after whatever ended it: credentials first, then readings, then rows, and the tenant itself last.
 */
export function tenantDeletionJob(dependencies: TenantDeletionDependencies): JobKind {
  return {
    permission: 'tenants:write',
    afterCrash: 'resume',
    takesInput: false,
    shown: () => ({}),
    run: (params, context) => run(dependencies, String(params.tenantId), context),
  }
}

const steps = [endCredentials, eraseReadings, erasePeople, eraseStored, eraseTenant] as const

async function run(
  dependencies: TenantDeletionDependencies,
  tenantId: string,
  context: JobContext,
): Promise<JobData> {
  const { db, clock, effects } = dependencies
  // From here on nobody takes it back: there is no wish any more, only a date that has passed.
  const { numUpdatedRows } = await db
    .updateTable('tenants')
    .set({ deletionRequestedAt: null })
    .where('id', '=', tenantId)
    .where('deletionAt', '<=', clock.now())
    .executeTakeFirstOrThrow()
  let setAside: string[] = []
  if (numUpdatedRows > 0n) {
    const of = await belongingsOf(db, tenantId)
    for (const [at, step] of steps.entries()) {
      context.signal.throwIfAborted()
      context.progress(at, steps.length)
      const found = await step({ ...dependencies, tenantId, of, context })
      if (found) setAside = found.setAside
    }
  } else if (await tenantIsThere(db, tenantId)) return { kept: true }
  await effects.tenantGone(tenantId)
  await effects.scrub()
  context.progress(steps.length, steps.length)
  return { setAside }
}

async function tenantIsThere(db: SiteDb, tenantId: string): Promise<boolean> {
  return (
    (await db.selectFrom('tenants').select('id').where('id', '=', tenantId).executeTakeFirst()) !== undefined
  )
}

async function endCredentials({ db, clock, pki, effects, tenantId, of, context }: Deletion): Promise<void> {
  await effects.endJobs(tenantId)
  const reason = 'cessationOfOperation' as const
  for (const gatewayId of [...of.gatewayIds, ...of.sharedGatewayIds]) {
    context.signal.throwIfAborted()
    await db.transaction().execute(async (trx) => {
      await pki.revokeCertificates(trx, gatewayId, reason, clock.now())
      await trx.updateTable('gateways').set({ state: 'revoked' }).where('id', '=', gatewayId).execute()
    })
    await effects.silenceGateway(gatewayId)
  }
  for (const id of of.mqttClientIds)
    await db.transaction().execute(async (trx) => {
      await pki.revokeClientCertificates(trx, id, reason, clock.now())
      await anonymizeCertificates(trx, { mqttClientId: id })
    })
  await db.deleteFrom('apiKeys').where('tenantId', '=', tenantId).execute()
  await pki.refreshCrlIfDue(clock.now())
}

async function eraseReadings({ effects, tenantId, of }: Deletion): Promise<{ setAside: string[] }> {
  await effects.forgetInMemory(tenantId, of.gatewayIds)
  const { seriesIds, assignmentIds, gatewayIds } = of
  return effects.eraseReadings({ seriesIds, assignmentIds, gatewayIds })
}

async function erasePeople({ db, people, tenantId, context }: Deletion): Promise<void> {
  const gone: ErasedPerson[] = []
  for (const userId of await peopleOnlyIn(db, tenantId)) {
    context.signal.throwIfAborted()
    const subject = { actor: by, action: 'tenant.delete', address: 'local', requestId: null }
    gone.push(await db.transaction().execute((trx) => people.eraseIn(trx, userId, subject)))
  }
  // Their gateways are on their way out with them.
  await people.follow(gone.map((person) => ({ ...person, gatewayIds: [] })))
}

async function eraseStored({ db, effects, tenantId, of, context }: Deletion): Promise<void> {
  await eraseRows(db, tenantId)
  for (const id of of.mqttClientIds) await effects.clientGone(id)
  for (const gatewayId of of.gatewayIds) {
    context.signal.throwIfAborted()
    await db.transaction().execute(async (trx) => {
      await anonymizeCertificates(trx, { gatewayId })
      await eraseGateway(trx, gatewayId)
    })
    await effects.gatewayGone(gatewayId)
  }
  for (const gatewayId of of.sharedGatewayIds) {
    await db.transaction().execute(async (trx) => {
      await anonymizeCertificates(trx, { gatewayId })
      await returnGateway(trx, gatewayId, tenantId)
    })
    await effects.gatewayGone(gatewayId)
  }
}

async function eraseTenant({ db, audit, tenantId, of }: Deletion): Promise<void> {
  const details = { gateways: of.gatewayIds.length, channels: of.seriesIds.length }
  await eraseRows(db, tenantId)
  await db.transaction().execute(async (trx) => {
    await eraseTenantRow(trx, tenantId)
    const draft = new AuditDraft({ actor: by, action: 'tenant.delete', address: 'local', requestId: null })
    await audit.recordIn(trx, draft.about('tenant', tenantId, tenantId, details))
  })
}
