import { open, readFile } from 'node:fs/promises'
import { ExpectedError, errorText } from '#contract/errors.ts'
import {
  GATEWAY_IMPORT_LIMIT,
  type GatewayImportCheck,
  type GatewayImportOptions,
  type GatewayImportProblem,
  type ImportedRow,
} from '#contract/model/gateway-import.ts'
import { hasEnded, type JobData } from '#contract/model/job.ts'
import { defaultQuotas } from '#contract/model/quota.ts'
import { type Actor, auditActor, requireAccess, scopeOf, type TenantScope } from '#features/access/index.ts'
import { AuditDraft } from '#features/audit/index.ts'
import { findGroup, type TenantsService } from '#features/tenants/index.ts'
import type { JobRecord } from '#platform/jobs/job-record.ts'
import type { JobRunner } from '#platform/jobs/job-runner.ts'
import { type BatchHandoverDependencies, confirmAll, seenGateways, zipAll } from './batch-handover.ts'
import {
  type BatchJobDependencies,
  type BatchParams,
  batchImportJob,
  outcomesOf,
} from './batch-import.job.ts'
import { type Plan, planBatch } from './batch-plan.ts'
import { type BatchRow, type RowProblem, readBatch } from './batch-rows.ts'
import { covers, openScope, saveScope } from './saved-scope.ts'

/** Files on their way to a job, wherever the site keeps these. */
export interface BatchUploads {
  hasUpload(actor: Actor, id: string): boolean
  lend(actor: Actor, id: string): Promise<{ name: string; path: string }>
  released(id: string): void
  taken(id: string): Promise<void>
}

export interface BatchImportDependencies extends BatchHandoverDependencies {
  tenants: TenantsService
  enrollment: BatchJobDependencies['enrollment']
  jobs: JobRunner
  uploads: BatchUploads
  makeGroup: BatchJobDependencies['makeGroup']
  /** A PDF of labels; null where these are too many for one, or do not fit. */
  labels(scope: TenantScope, gatewayIds: string[], size: string, audit: AuditDraft): Promise<File | null>
}

export interface BatchRequest extends GatewayImportOptions {
  source: string
}

interface Caller {
  actor: Actor
  scope: TenantScope
  audit: AuditDraft
}

type FindJob = (id: string) => JobRecord

/** Many gateways from one CSV: looked at, made by a job, handed over together. */
export class BatchImportService {
  readonly #dependencies: BatchImportDependencies

  constructor(dependencies: BatchImportDependencies) {
    this.#dependencies = dependencies
  }

  /** Before the jobs start. */
  register(): void {
    const { jobs, enrollment, makeGroup } = this.#dependencies
    const creatorOf = (id: string) => {
      const job = jobs.byId(id)
      return job && { id: job.createdById, name: job.createdByName }
    }
    const plan = (rows: readonly BatchRow[], params: BatchParams) =>
      this.#plan(rows, openScope(params.scope), params.scope.tenantId, params)
    jobs.register('gateways.import', batchImportJob({ enrollment, makeGroup, plan, creatorOf }))
  }

  /** Whoever has it done again has no fewer rights than who asked for it. @throws ExpectedError `not_found`, `forbidden` */
  requireReach(actor: Actor, params: JobData): void {
    const { scope, createGroups } = params as unknown as BatchParams
    if (!covers(scopeOf(actor), scope)) throw new ExpectedError('not_found', { what: 'job', id: '' })
    requireGroupRight(actor, { createGroups })
  }

  /**
   * What would become of each row; nothing changes.
   *
   * @throws ExpectedError `forbidden`, `not_found`, `tenant_unknown`, `import_file_gone`, `csv_invalid`, `csv_columns_missing`, `csv_too_large`,
   *   `csv_too_many_rows`
   */
  async check(caller: Caller, request: BatchRequest, findJob: FindJob): Promise<GatewayImportCheck> {
    const { source } = request
    const { scope, audit } = caller
    requireGroupRight(caller.actor, request)
    const file = await this.#open(caller.actor, source, findJob)
    try {
      const { encoding, layout, rows } = await readBatch(file.bytes)
      const tenant = await this.#tenant(scope, request)
      const options = optionsOf(request)
      const plan = await this.#plan(rows, scope, tenant.id, options)
      const counts = { new: 0, again: 0, same: 0, problem: 0 }
      for (const { verdict } of plan.rows) counts[verdict] += 1
      audit.about('tenant', tenant.id, tenant.id, { fileName: file.name, ...counts })
      return {
        fileName: file.name,
        encoding,
        separator: layout.separator,
        header: layout.header,
        ignoredColumns: layout.ignored,
        newGroups: plan.newGroups,
        counts,
        rows: plan.rows.map(({ gatewayId: _, claimedAt: __, problem, ...row }) => ({
          ...row,
          problem: problem && worded(problem),
        })),
      }
    } finally {
      file.release()
    }
  }

  /** Begins the job. @throws ExpectedError as `check`; `too_many_jobs` */
  async start(caller: Caller, request: BatchRequest, findJob: FindJob): Promise<JobRecord> {
    const { jobs, uploads, audit: log } = this.#dependencies
    const { actor, scope, audit } = caller
    const { source } = request
    requireGroupRight(actor, request)
    const file = await this.#open(actor, source, findJob)
    try {
      // A file that is none is refused now, not by a job.
      const { rows } = await readBatch(file.bytes)
      const tenant = await this.#tenant(scope, request)
      const by = auditActor(actor)
      const params: BatchParams = {
        ...optionsOf(request),
        fileName: file.name,
        scope: saveScope(scope, tenant.id),
        by,
        address: audit.subject.address,
      }
      const details = { fileName: file.name, rows: rows.length }
      const job = await jobs.add(
        {
          kind: 'gateways.import',
          tenantId: tenant.id,
          createdBy: { id: by.id, name: by.name },
          subject: file.name,
          params: { ...params },
        },
        {
          inputOf: source,
          record: (trx, { id }) => log.recordIn(trx, audit.about('job', id, tenant.id, details)),
        },
      )
      if (file.isUpload) await uploads.taken(source)
      return job
    } catch (error) {
      file.release()
      throw error
    }
  }

  /** What became of each row so far. */
  async result(scope: TenantScope, job: JobRecord): Promise<ImportedRow[]> {
    const rows = outcomesOf(requireBatch(job).checkpoint)
    const seen = await seenGateways(this.#dependencies, scope, rows)
    return rows.map(({ gatewayId, problem, ...row }) => {
      const gateway = seen.get(gatewayId ?? '')
      return {
        ...row,
        problem: problem && worded(problem),
        gatewayId: gateway?.id ?? null,
        label: gateway?.label ?? null,
        credentialWaiting: (gateway?.credentialId ?? null) !== null,
      }
    })
  }

  /** @throws ExpectedError `import_credentials_gone` */
  async credentials(
    { scope, audit }: Caller,
    job: JobRecord,
    labelSize: string,
  ): Promise<{ name: string; bytes: Buffer }> {
    const rows = outcomesOf(requireBatch(job).checkpoint)
    const seen = await seenGateways(this.#dependencies, scope, rows)
    audit.about('job', job.id, job.tenantId, { fileName: job.subject })
    const ids = [...seen.keys()]
    const labels = await this.#dependencies.labels(scope, ids, labelSize, new AuditDraft(audit.subject))
    const extras =
      labels === null ? [] : [{ name: 'labels.pdf', bytes: new Uint8Array(await labels.arrayBuffer()) }]
    const bytes = await zipAll(this.#dependencies, rows, seen, { audit, extras })
    return { name: `${baseOf(job.subject)}-credentials.zip`, bytes }
  }

  async received({ scope, audit }: Caller, job: JobRecord): Promise<number> {
    const rows = outcomesOf(requireBatch(job).checkpoint)
    const seen = await seenGateways(this.#dependencies, scope, rows)
    const erased = await confirmAll(this.#dependencies, seen, audit)
    audit.about('job', job.id, job.tenantId, { fileName: job.subject, erased })
    return erased
  }

  async #plan(
    rows: readonly BatchRow[],
    scope: TenantScope,
    tenantId: string,
    options: Pick<BatchParams, 'group' | 'profile' | 'createGroups'>,
  ): Promise<Plan> {
    const { db, tenants } = this.#dependencies
    const { id, name, gatewayQuota } = await tenants.resolve(scope, tenantId)
    const tenant = { id, name, quota: gatewayQuota ?? defaultQuotas.gateways }
    const { group, profile, createGroups } = options
    return planBatch({ db, groups: tenants.groups }, rows, { tenant, scope, group, profile, createGroups })
  }

  /** @throws ExpectedError `tenant_unknown`, `not_found` */
  async #tenant(scope: TenantScope, { tenant: reference, group, createGroups }: BatchRequest) {
    const { tenants } = this.#dependencies
    const tenant = await tenants.resolve(scope, reference)
    if (group !== undefined && !createGroups) await findGroup(tenants, scope, { group, tenant: tenant.id })
    return tenant
  }

  /** The bytes of an upload, or of a former import that still has them. */
  async #open(actor: Actor, source: string, findJob: FindJob) {
    const { uploads, jobs } = this.#dependencies
    const isUpload = uploads.hasUpload(actor, source)
    const lent = isUpload ? await uploads.lend(actor, source) : null
    const release = () => {
      if (isUpload) uploads.released(source)
    }
    try {
      const name = lent?.name ?? formerName(findJob(source))
      const bytes = await readSmall(lent?.path ?? jobs.files.input(source), source)
      return { name: name || 'gateways.csv', bytes, isUpload, release }
    } catch (error) {
      release()
      throw error
    }
  }
}

/** Groups are made by those only who may make them one by one. @throws ExpectedError `forbidden` */
function requireGroupRight(actor: Actor, { createGroups }: Pick<GatewayImportOptions, 'createGroups'>): void {
  if (createGroups) requireAccess('tenants:write', actor, true)
}

/** @throws ExpectedError `csv_too_large`, `import_file_gone` */
async function readSmall(path: string, source: string): Promise<Uint8Array> {
  let handle: Awaited<ReturnType<typeof open>>
  try {
    handle = await open(path, 'r')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    throw new ExpectedError('import_file_gone', { id: source })
  }
  try {
    const { size } = await handle.stat()
    if (size > GATEWAY_IMPORT_LIMIT) throw await tooLarge(handle)
    return await readFile(handle)
  } finally {
    await handle.close()
  }
}

async function tooLarge(handle: Awaited<ReturnType<typeof open>>): Promise<ExpectedError> {
  const { buffer, bytesRead } = await handle.read(
    Buffer.alloc(GATEWAY_IMPORT_LIMIT),
    0,
    GATEWAY_IMPORT_LIMIT,
    0,
  )
  let rows = 0
  for (let at = buffer.indexOf(10); at !== -1 && at < bytesRead; at = buffer.indexOf(10, at + 1)) rows += 1
  return new ExpectedError('csv_too_large', { limit: GATEWAY_IMPORT_LIMIT, rows })
}

/** @throws ExpectedError `import_file_gone` for a job of another kind, or one that still needs its file */
function formerName({ id, kind, state, params }: JobRecord): string {
  if (kind !== 'gateways.import' || !hasEnded(state)) throw new ExpectedError('import_file_gone', { id })
  return (params as unknown as BatchParams).fileName
}

/** @throws ExpectedError `not_found` */
function requireBatch(job: JobRecord): JobRecord {
  if (job.kind !== 'gateways.import') throw new ExpectedError('not_found', { what: 'import', id: job.id })
  return job
}

function optionsOf({ group, profile, createGroups }: GatewayImportOptions) {
  return { group: group ?? null, profile: profile ?? null, createGroups }
}

function worded({ code, data }: RowProblem): GatewayImportProblem {
  return { code, data, message: errorText(code, data) }
}

function baseOf(fileName: string): string {
  return fileName.replace(/\.[A-Za-z0-9]{1,5}$/, '').replace(/[^\p{L}\p{N} ._-]/gu, '_') || 'gateways'
}
