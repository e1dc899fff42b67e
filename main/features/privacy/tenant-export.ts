import { ExpectedError } from '#contract/errors.ts'
import type { JobData } from '#contract/model/job.ts'
import { wholeTenant } from '#features/access/index.ts'
import { selectAuditEntries, toAuditEntry } from '#features/audit/index.ts'
import type { ExportService } from '#features/telemetry/index.ts'
import type { Clock } from '#platform/clock/clock.ts'
import type { SiteDb } from '#platform/db/site-db.ts'
import type { JobContext, JobKind } from '#platform/jobs/job-kind.ts'
import { ExportZip } from './export-zip.ts'
import { inPages } from './plain-json.ts'
import { tenantFiles } from './tenant-files.ts'

export interface TenantExportParams {
  tenantId: string
  format: 'csv' | 'parquet'
}

export interface TenantExportDependencies {
  db: SiteDb
  clock: Clock
  exports: Pick<ExportService, 'stream'>
}

/** The end of the time that readings can have, ms. */
const END = 7_258_118_400_000

/** Everything of a tenant, with its readings, for whoever takes it elsewhere or deletes it here. */
export function tenantExportJob(dependencies: TenantExportDependencies): JobKind {
  return {
    permission: 'tenants:write',
    isPrivate: true,
    afterCrash: 'resume',
    takesInput: false,
    shown: (params) => ({ format: params.format }),
    run: (params, context) => run(dependencies, params as unknown as TenantExportParams, context),
  }
}

async function run(
  { db, clock, exports }: TenantExportDependencies,
  { tenantId, format }: TenantExportParams,
  context: JobContext,
): Promise<JobData> {
  const tenant = await db.selectFrom('tenants').selectAll().where('id', '=', tenantId).executeTakeFirst()
  if (!tenant) throw new ExpectedError('tenant_unknown', { tenant: tenantId })
  const zip = new ExportZip(`Everything of the tenant ${tenant.name} (${tenant.slug}).`)
  zip.addRows('tenant.json', 'its name, its state, what it may use', () => [tenant])
  for (const { name, what, rows } of tenantFiles(db, tenantId)) zip.addRows(name, what, rows)
  zip.addRows('audit.json', 'what was done in it, as the audit holds it', () => auditOf(db, tenantId))
  let gateways = 0
  for (const { name, channelIds } of await readingFiles(db, tenantId, format)) {
    gateways += 1
    zip.add(name, `readings of one gateway, ${channelIds.length} channels`, async function* () {
      const request = {
        channelIds,
        from: 0,
        to: END,
        format,
        layout: 'long',
        functions: ['avg'],
        raw: false,
      } as const
      const { chunks } = await exports.stream(
        wholeTenant(tenantId),
        { ...request, functions: [...request.functions] },
        context.signal,
      )
      yield* chunks
    })
  }
  const day = new Date(clock.now()).toISOString().slice(0, 10)
  return { ...(await zip.write(context, `${tenant.slug}-${day}.zip`, clock.now())), gateways }
}

/** A file for each gateway that has channels of this tenant. */
async function readingFiles(db: SiteDb, tenantId: string, format: string) {
  const channels = await db
    .selectFrom('channels')
    .innerJoin('gateways', 'gateways.id', 'channels.gatewayId')
    .select(['channels.id', 'channels.gatewayId', 'gateways.code'])
    .where('channels.tenantId', '=', tenantId)
    .orderBy('gateways.code')
    .orderBy('channels.key')
    .execute()
  const names = new Set<string>()
  return [...Map.groupBy(channels, ({ gatewayId }) => gatewayId).values()].map((own) => {
    const code = (own[0]?.code ?? '').replace(/[^\w.-]/g, '_')
    let name = `readings/${code}.${format}`
    for (let n = 2; names.has(name); n++) name = `readings/${code}-${n}.${format}`
    names.add(name)
    return { name, channelIds: own.map(({ id }) => id) }
  })
}

async function* auditOf(db: SiteDb, tenantId: string): AsyncGenerator<object> {
  const rows = inPages((after: { seq: number } | null, limit) =>
    selectAuditEntries(db, { tenantId })
      .where('auditEntries.seq', '>', after?.seq ?? 0)
      .orderBy('auditEntries.seq')
      .limit(limit)
      .execute(),
  )
  for await (const row of rows) yield toAuditEntry(row)
}
