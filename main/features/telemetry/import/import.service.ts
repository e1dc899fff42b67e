import { ExpectedError } from '#contract/errors.ts'
import type { JobData } from '#contract/model/job.ts'
import type { ImportOptions } from '#contract/model/telemetry-file.ts'
import { type Actor, auditActor, scopeOf, type TenantScope } from '#features/access/index.ts'
import type { AuditDraft, AuditService } from '#features/audit/index.ts'
import type { FleetService } from '#features/fleet/index.ts'
import type { Clock } from '#platform/clock/clock.ts'
import type { Historian } from '#platform/historian/historian.ts'
import type { JobRecord } from '#platform/jobs/job-record.ts'
import type { JobRunner } from '#platform/jobs/job-runner.ts'
import type { ChannelRegistry } from '../channel-registry.ts'
import type { TelemetryService } from '../telemetry.service.ts'
import { type ImportParams, importJob } from './import-job.ts'
import { type UploadOwner, Uploads } from './uploads.ts'
import { zoneOffset } from './zone-offset.ts'

export interface ImportDependencies {
  fleet: FleetService
  registry: ChannelRegistry
  telemetry: TelemetryService
  historian: Historian
  jobs: JobRunner
  audit: AuditService
  clock: Clock
}

export interface ImportRequest extends ImportOptions {
  /** An upload, or a former import. */
  source: string
  gateway: string
  tenant?: string | undefined
  dryRun: boolean
}

interface Caller {
  actor: Actor
  scope: TenantScope
  audit: AuditDraft
}

const everything: TenantScope = { all: true }

/** History from CSV files: uploaded, looked at, then stored, each as a job. */
export class ImportService {
  readonly #dependencies: ImportDependencies
  readonly #uploads: Uploads

  constructor(dependencies: ImportDependencies) {
    this.#dependencies = dependencies
    this.#uploads = new Uploads(dependencies.jobs.files, dependencies.clock)
  }

  /** Before the jobs start. */
  register(): void {
    const { jobs, historian, clock, fleet, registry, telemetry } = this.#dependencies
    jobs.alsoSweep(() => this.#uploads.giveUpIdle())
    jobs.register(
      'telemetry.import',
      importJob({
        historian,
        clock,
        gateway: (id) => fleet.find(everything, { gateway: id }),
        channelsOf: (gatewayId) => registry.ofGateway(everything, gatewayId),
        expectImport: (gatewayId, readings) => telemetry.expectImport(gatewayId, readings),
        importFailed: (gatewayId) => telemetry.importFailed(gatewayId),
      }),
    )
  }

  /** Whether an import that was asked for some time ago is the caller's to have now. @throws ExpectedError `not_found` */
  async requireReach(scope: TenantScope, params: JobData): Promise<void> {
    const { gatewayId } = params as unknown as ImportParams
    await this.#dependencies.fleet.find(scope, { gateway: gatewayId })
  }

  /** The next bytes of a file; without `uploadId` those of a new one. @throws ExpectedError as `Uploads` */
  async upload(
    actor: Actor,
    part: { uploadId?: string | undefined; name: string; offset: number; bytes: Uint8Array },
  ): Promise<{ uploadId: string; bytes: number }> {
    const owner = ownerOf(actor)
    if (part.uploadId === undefined && part.offset !== 0)
      throw new ExpectedError('input_invalid', { issues: 'a new upload begins at offset 0' })
    const uploadId = part.uploadId ?? (await this.#uploads.begin(owner, part.name))
    return { uploadId, bytes: await this.#uploads.append(owner, uploadId, part.offset, part.bytes) }
  }

  /** A whole file as it comes; what came so far is gone when it breaks off. @returns the upload */
  async uploadAll(actor: Actor, name: string, body: AsyncIterable<Uint8Array>): Promise<string> {
    const owner = ownerOf(actor)
    const id = await this.#uploads.begin(owner, name)
    try {
      let bytes = 0
      for await (const chunk of body) bytes = await this.#uploads.append(owner, id, bytes, chunk)
      return id
    } catch (error) {
      await this.#uploads.giveUp(id)
      throw error
    }
  }

  /**
   * Whether an import can begin, before its file travels.
   * @throws ExpectedError `not_found`, `gateway_state_conflict`, `time_zone_unknown`
   */
  async check(scope: TenantScope, request: Omit<ImportRequest, 'source'>) {
    const { gateway: reference, tenant, timeZone } = request
    const gateway = await this.#dependencies.fleet.find(scope, { gateway: reference, tenant })
    const { code, state, assignmentId } = gateway
    if (assignmentId === null)
      throw new ExpectedError('gateway_state_conflict', { code, state, action: 'given readings' })
    if (timeZone !== undefined) zoneOffset(timeZone)
    return { ...gateway, assignmentId }
  }

  async giveUp(actor: Actor, uploadId: string): Promise<void> {
    if (this.#uploads.has(ownerOf(actor), uploadId)) await this.#uploads.giveUp(uploadId)
  }

  /**
   * For jobs of other kinds that take a file: it is whole, and stays until it is `released` or `taken`.
   *
   * @throws ExpectedError `not_found`
   */
  async lend(actor: Actor, uploadId: string): Promise<{ name: string; path: string }> {
    const name = await this.#uploads.finish(ownerOf(actor), uploadId)
    return { name, path: this.#dependencies.jobs.files.input(uploadId) }
  }

  hasUpload(actor: Actor, uploadId: string): boolean {
    return this.#uploads.has(ownerOf(actor), uploadId)
  }

  released(uploadId: string): void {
    this.#uploads.release(uploadId)
  }

  taken(uploadId: string): Promise<void> {
    return this.#uploads.taken(uploadId)
  }

  /**
   * `findJob` finds only former jobs that are the caller's to go on with.
   * @throws ExpectedError `not_found`, `gateway_state_conflict`, `import_file_gone`, `too_many_jobs`, `time_zone_unknown`
   */
  async start(
    { actor, scope, audit }: Caller,
    request: ImportRequest,
    findJob: (id: string) => JobRecord,
  ): Promise<JobRecord> {
    const { jobs, audit: log } = this.#dependencies
    const { source, gateway: _, tenant: __, dryRun, ...options } = request
    const gateway = await this.check(scope, request)
    const owner = ownerOf(actor)
    const before = this.#uploads.has(owner, source) ? null : findJob(source)
    const fileName = before === null ? await this.#uploads.finish(owner, source) : fileNameOf(before)
    const { id: gatewayId, assignmentId } = gateway
    const params: ImportParams = { ...options, gatewayId, assignmentId, fileName, dryRun }
    const by = auditActor(actor)
    const details = { gateway: gateway.code, fileName, dryRun }
    const asked = {
      kind: 'telemetry.import' as const,
      tenantId: gateway.tenantId,
      createdBy: { id: by.id, name: by.name },
      subject: `${gateway.code} ${fileName}`.trim(),
      params: { ...params },
    }
    const job = await jobs
      .add(asked, {
        inputOf: source,
        record: (trx, { id }) => log.recordIn(trx, audit.about('job', id, gateway.tenantId, details)),
      })
      .catch((error: unknown) => {
        this.#uploads.release(source)
        throw error
      })
    if (before === null) await this.#uploads.taken(source)
    // A check has done what it was for, and its file went over: the list is not to fill with them.
    else if (before.params.dryRun === true) await jobs.delete(before)
    return job
  }
}

/** @throws ExpectedError `import_file_gone` for a job of another kind, or one that still needs its file */
function fileNameOf({ id, kind, state, params }: JobRecord): string {
  if (kind !== 'telemetry.import' || state === 'queued' || state === 'running')
    throw new ExpectedError('import_file_gone', { id })
  return typeof params.fileName === 'string' ? params.fileName : ''
}

function ownerOf(actor: Actor): UploadOwner {
  const scope = scopeOf(actor)
  return { id: auditActor(actor).id ?? actor.kind, tenantId: scope.all ? null : scope.tenantId }
}
