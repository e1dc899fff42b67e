import { ExpectedError } from '#contract/errors.ts'
import type { JobData } from '#contract/model/job.ts'
import {
  type ExportLayout,
  MOST_EXPORT_CHANNELS,
  MOST_WIDE_CHANNELS,
} from '#contract/model/telemetry-file.ts'
import { type Actor, auditActor, type TenantScope } from '#features/access/index.ts'
import type { AuditDraft, AuditService } from '#features/audit/index.ts'
import type { TenantsService } from '#features/tenants/index.ts'
import type { Clock } from '#platform/clock/clock.ts'
import type { Historian } from '#platform/historian/historian.ts'
import type { JobRecord } from '#platform/jobs/job-record.ts'
import type { JobRunner } from '#platform/jobs/job-runner.ts'
import type { LiveChannel } from '../channel-registry.ts'
import type { TelemetryService } from '../telemetry.service.ts'
import { readRange } from '../time-range.ts'
import { type ExportParams, exportJob } from './export-job.ts'
import { exportFileName, mediaTypes } from './export-names.ts'
import { exportStream } from './export-stream.ts'
import type { ExportChannel, ExportTask } from './export-task.ts'

export interface ExportDependencies {
  telemetry: TelemetryService
  tenants: TenantsService
  historian: Historian
  jobs: JobRunner
  audit: AuditService
  clock: Clock
}

/** What somebody wants in a file: channels by id; or those of gateways, of a tenant, of all they may see. */
export interface ExportRequest extends ExportLayout {
  channelIds?: string[] | undefined
  gateways?: string[] | undefined
  channels?: string[] | undefined
  tenant?: string | undefined
  from?: number | string | undefined
  to?: number | string | undefined
}

const everything: TenantScope = { all: true }

/** Readings as files: large ones as jobs, small ones at once. */
export class ExportService {
  readonly #dependencies: ExportDependencies

  constructor(dependencies: ExportDependencies) {
    this.#dependencies = dependencies
  }

  /** Before the jobs start. */
  register(): void {
    const { jobs, historian } = this.#dependencies
    jobs.register('telemetry.export', exportJob({ historian, taskOf: (params) => this.#taskOf(params) }))
  }

  /**
   * Whether an export that was asked for some time ago is the caller's to have now: all its channels that are still
   * there. @throws ExpectedError `not_found`
   */
  requireReach(scope: TenantScope, params: JobData): void {
    const { telemetry } = this.#dependencies
    const { channelIds } = params as unknown as ExportParams
    for (const id of channelIds) if (telemetry.sees(everything, id)) telemetry.channel(scope, id)
  }

  /** @throws ExpectedError `not_found`, `tenant_unknown`, `range_invalid`, `export_too_wide`, `export_too_many_channels`, `too_many_jobs` */
  async start(
    { actor, scope, audit }: { actor: Actor; scope: TenantScope; audit: AuditDraft },
    request: ExportRequest,
  ): Promise<JobRecord> {
    const { params, tenantId } = await this.#plan(scope, request)
    const { channelIds, ...about } = params
    const by = auditActor(actor)
    const { jobs, audit: log } = this.#dependencies
    const asked = {
      kind: 'telemetry.export' as const,
      tenantId,
      createdBy: { id: by.id, name: by.name },
      subject: params.subject,
      params: { ...params },
    }
    const details = { ...about, channels: channelIds.length }
    return jobs.add(asked, {
      record: (trx, { id }) => log.recordIn(trx, audit.about('job', id, tenantId, details)),
    })
  }

  /**
   * A file as it is written. What is asked for is checked before, so that a mistake is an error and not a broken file.
   * @throws ExpectedError as `start`
   */
  async stream(
    scope: TenantScope,
    request: ExportRequest,
    signal: AbortSignal,
  ): Promise<{ name: string; type: string; tenantId: string | null; chunks: AsyncIterable<Uint8Array> }> {
    const { params, tenantId } = await this.#plan(scope, request)
    const task = await this.#taskOf(params)
    return {
      name: exportFileName(params),
      type: mediaTypes[params.format],
      tenantId,
      chunks: exportStream(this.#dependencies.historian, task, signal),
    }
  }

  async #plan(
    scope: TenantScope,
    request: ExportRequest,
  ): Promise<{ params: ExportParams; tenantId: string | null }> {
    const { format, layout, interval, functions, raw } = request
    const range = readRange(request, this.#dependencies.clock.now())
    const channels = await this.#channels(scope, request)
    if (layout === 'wide' && channels.length > MOST_WIDE_CHANNELS)
      throw new ExpectedError('export_too_wide', { count: channels.length, most: MOST_WIDE_CHANNELS })
    if (channels.length > MOST_EXPORT_CHANNELS)
      throw new ExpectedError('export_too_many_channels', {
        count: channels.length,
        most: MOST_EXPORT_CHANNELS,
      })
    const tenantIds = new Set(channels.map(({ row }) => row.tenantId))
    const [tenantId = null] = tenantIds.size === 1 ? tenantIds : scope.all ? [] : [scope.tenantId]
    const params: ExportParams = {
      format,
      layout,
      functions,
      raw,
      ...(interval !== undefined && layout === 'wide' && { interval }),
      ...range,
      subject: this.#subject(channels),
      channelIds: channels.map(({ row }) => row.id),
    }
    return { params, tenantId }
  }

  async #channels(scope: TenantScope, request: ExportRequest): Promise<LiveChannel[]> {
    const { telemetry } = this.#dependencies
    const { channelIds, gateways, channels: keys, tenant } = request
    if (channelIds !== undefined) return [...new Set(channelIds)].map((id) => telemetry.channel(scope, id))
    const found: LiveChannel[] = []
    for (const gateway of gateways ?? [undefined])
      found.push(...(await telemetry.channels(scope, { gateway, tenant })))
    const wanted =
      keys === undefined
        ? found
        : found.filter(({ row }) =>
            [row.key, row.name, row.id].some((name) => name !== null && keys.includes(name)),
          )
    const missing = keys?.find((key) => !wanted.some(({ row }) => [row.key, row.name, row.id].includes(key)))
    if (missing !== undefined) throw new ExpectedError('not_found', { what: 'channel', id: missing })
    return [...new Set(wanted)]
  }

  /** `GW001 temperature`, `GW001`, `GW001 GW002 +3`. */
  #subject(channels: LiveChannel[]): string {
    const codes = [...new Set(channels.map((one) => this.#code(one)))]
    const [only] = channels
    if (only && channels.length === 1) return `${codes[0]} ${only.row.key}`
    const more = codes.length > 3 ? ` +${codes.length - 3}` : ''
    return `${codes.slice(0, 3).join(' ')}${more}`
  }

  #code(channel: LiveChannel): string {
    return this.#dependencies.telemetry.view(channel).gatewayCode
  }

  /** Channels by gateway, then by key. */
  async #taskOf(params: ExportParams): Promise<ExportTask> {
    const { telemetry, tenants } = this.#dependencies
    const { channelIds, subject: _, ...layout } = params
    const channels = channelIds.flatMap((id) => {
      try {
        return [telemetry.channel(everything, id)]
      } catch {
        return []
      }
    })
    const tenantsOf = new Map<string, Set<string>>()
    for (const channel of channels) {
      const code = this.#code(channel)
      tenantsOf.set(code, (tenantsOf.get(code) ?? new Set()).add(channel.row.tenantId))
    }
    const slugs = new Map((await tenants.list(everything)).map(({ id, slug }) => [id, slug]))
    const named = channels.map((channel): ExportChannel => {
      const code = this.#code(channel)
      const { seriesId, key, unit, kind, tenantId } = channel.row
      const isAmbiguous = (tenantsOf.get(code)?.size ?? 0) > 1
      return {
        seriesId,
        gateway: isAmbiguous ? `${slugs.get(tenantId) ?? tenantId}/${code}` : code,
        key,
        unit,
        kind,
      }
    })
    named.sort((a, b) => compare(a.gateway, b.gateway) || compare(a.key, b.key) || a.seriesId - b.seriesId)
    return { ...layout, channels: named, firstTs: params.from }
  }
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
