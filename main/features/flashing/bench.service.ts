import type { BenchPort } from '#contract/api/bench.ts'
import { ExpectedError } from '#contract/errors.ts'
import type { BenchRun, FlashJob, FlashLogLine } from '#contract/model/flash.ts'
import type { SerialPort } from '#contract/model/serial-port.ts'
import type { TenantScope } from '#features/access/index.ts'
import type { AuditDraft } from '#features/audit/index.ts'
import type { FleetService } from '#features/fleet/index.ts'
import type { TenantsService } from '#features/tenants/index.ts'
import type { BenchRunRow } from './bench-runs.repository.ts'
import { liveRuns } from './bench-runs.repository.ts'
import {
  type FlashJobRow,
  jobIdsOfTenant,
  jobsOfRun,
  listJobs,
  recentSingleJobs,
  runningJobs,
} from './flash-jobs.repository.ts'
import type { FlowCaller, FlowTools } from './flow-tools.ts'
import { JobEnds } from './job-ends.ts'
import { nextLine, takeCode } from './run-names.ts'
import type { RunScheduler } from './run-scheduler.ts'
import { newestOfBoards } from './run-tally.ts'
import { endedError, type RunningJobs } from './running-jobs.ts'
import type { RunsService, SetupInput } from './runs.service.ts'
import { siteItself } from './site-itself.ts'

/** Jobs outside of runs are shown so long after they began, ms. */
const RECENT = 24 * 60 * 60_000

export interface BenchDependencies {
  tools: FlowTools
  runs: RunsService
  scheduler: RunScheduler
  running: RunningJobs
  fleet: Pick<FleetService, 'find'>
  tenants: Pick<TenantsService, 'resolve'>
  /** Does a job outside of runs again. @throws ExpectedError `port_…`, `file_missing` */
  retrySingle(job: FlashJobRow, caller: FlowCaller, audit: AuditDraft): Promise<FlashJob>
  /** Goes on with one whose change counts already. */
  resumeSingle(job: FlashJobRow): Promise<void>
}

/** The bench: ports, runs and the boards on their way, for whoever stands at it. */
export class BenchService {
  readonly #dependencies: BenchDependencies

  constructor(dependencies: BenchDependencies) {
    this.#dependencies = dependencies
  }

  /**
   * Takes up what was under way when the site stopped: gateways that stand are awaited, the rest is interrupted. Call it before
   * the broker takes sessions.
   */
  async start(): Promise<void> {
    const { tools, runs, scheduler, resumeSingle } = this.#dependencies
    const { db, book, ports } = tools
    ports.start()
    scheduler.start()
    const live = await liveRuns(db)
    for (const run of live) {
      scheduler.hold(run)
      // Boards that it had are not begun with again by itself, wherever they are plugged in now.
      for (const job of await jobsOfRun(db, run.id))
        ports.remember(job.portIdentity, { id: job.id, tenantId: job.tenantId, runId: run.id })
    }
    for (const job of await runningJobs(db)) {
      if (job.committedAt === null) {
        await this.#interrupted(job)
        continue
      }
      if (job.runId === null || job.kind !== 'gateway') await resumeSingle(job)
      else await scheduler.resume(await runs.require({ all: true }, job.runId), job)
    }
    await book.logs.sweep((id) => book.exists(id))
    for (const run of live) {
      if (run.state === 'open') scheduler.release(run.id)
      else await scheduler.close(run.id)
    }
  }

  async stop(): Promise<void> {
    const { tools, scheduler, running } = this.#dependencies
    scheduler.stop()
    await running.stop()
    tools.ports.stop()
    await tools.book.logs.flush()
  }

  /** A tenant is to go: its boards are let go, its logs deleted. Its rows go with it. @returns its jobs */
  async forgetTenant(tenantId: string): Promise<string[]> {
    const { tools, scheduler, running } = this.#dependencies
    for (const run of await liveRuns(tools.db)) {
      if (run.tenantId !== tenantId) continue
      const active = scheduler.activeJobs(run.id)
      await scheduler.close(run.id)
      await Promise.all(active.map((jobId) => running.end(jobId, 'cancelled')))
    }
    const jobIds = await jobIdsOfTenant(tools.db, tenantId)
    await Promise.all(jobIds.map((jobId) => running.end(jobId, 'cancelled')))
    await tools.book.logs.remove(jobIds)
    return jobIds
  }

  async ports(scope: TenantScope): Promise<BenchPort[]> {
    const seen = new Set((await this.#dependencies.runs.shown(scope)).map(({ id }) => id))
    return this.portsFor(scope, seen)
  }

  /** @param seen ids of runs that the caller sees */
  portsFor(scope: TenantScope, seen: ReadonlySet<string>): BenchPort[] {
    const { ports } = this.#dependencies.tools
    return ports.all().map((port) => ports.view(port, scope, (runId) => seen.has(runId)))
  }

  /** Everything that the bench of a scope shows. */
  async shown(scope: TenantScope): Promise<{ runs: BenchRun[]; jobs: FlashJob[] }> {
    const { runs, tools } = this.#dependencies
    const rows = await runs.shown(scope)
    const jobs: FlashJobRow[] = []
    for (const run of rows) jobs.push(...(await jobsOfRun(tools.db, run.id)))
    jobs.push(...(await recentSingleJobs(tools.db, scope, tools.clock.now() - RECENT)))
    return {
      runs: await Promise.all(rows.map((row) => runs.view(row))),
      jobs: jobs.map((job) => tools.book.viewOf(job)),
    }
  }

  async openRun(caller: FlowCaller, input: SetupInput, audit: AuditDraft): Promise<BenchRun> {
    const { runs, scheduler } = this.#dependencies
    const row = await runs.open(caller, input, audit)
    scheduler.add(row)
    return runs.view(row)
  }

  /** @throws ExpectedError `not_found` */
  async stopRun(
    scope: TenantScope,
    { runId, now }: { runId: string; now: boolean },
    audit: AuditDraft,
  ): Promise<BenchRun> {
    const { runs, scheduler, running } = this.#dependencies
    const row = await runs.require(scope, runId)
    audit.about('bench_run', runId, row.tenantId, { name: row.name, now })
    const active = scheduler.activeJobs(runId)
    await scheduler.close(runId)
    if (now) await Promise.all(active.map((jobId) => running.end(jobId, 'cancelled')))
    return runs.view(await runs.require(scope, runId))
  }

  async runWithJobs(scope: TenantScope, runId: string): Promise<{ run: BenchRun; jobs: FlashJob[] }> {
    const { runs, tools } = this.#dependencies
    const row = await runs.require(scope, runId)
    const jobs = await jobsOfRun(tools.db, runId)
    return { run: await runs.view(row), jobs: jobs.map((job) => tools.book.viewOf(job)) }
  }

  /** @throws ExpectedError `not_found`, `port_unknown`, `port_busy`, `port_denied`, `run_ended`, `plan_used_up`, `plan_unknown_code`, `code_taken` */
  async startBoards(
    caller: FlowCaller,
    { runId, port, code }: { runId: string; port: string | null; code?: string | undefined },
    audit: AuditDraft,
  ): Promise<FlashJob[]> {
    const { tools } = this.#dependencies
    const row = await this.#openRow(caller.scope, runId)
    audit.about('bench_run', runId, row.tenantId, {
      name: row.name,
      port,
      ...(code !== undefined && { code }),
    })
    if (port === null) {
      const free = tools.ports
        .all()
        .filter((one) => tools.ports.isFree(one) && tools.ports.isUntouched(one, runId))
      await this.#requirePlan(row)
      return this.#beginAll(row, free, caller)
    }
    const found = tools.ports.find(port)
    tools.ports.requireFree(found)
    if (code === undefined) await this.#requirePlan(row)
    else await takeCode(tools.db, row, code)
    return [await this.#begin(row, found, caller, code ?? null)]
  }

  /** @throws ExpectedError `not_found`, `port_unknown` */
  async skip(
    scope: TenantScope,
    { runId, port }: { runId: string; port: string },
    audit: AuditDraft,
  ): Promise<void> {
    const { runs, tools } = this.#dependencies
    const row = await runs.require(scope, runId)
    const found = tools.ports.find(port)
    audit.about('bench_run', runId, row.tenantId, { name: row.name, port: found.path })
    tools.ports.skip(found.identity, runId)
    const job = newestOfBoards(await jobsOfRun(tools.db, runId)).findLast(
      ({ portIdentity }) => portIdentity === found.identity,
    )
    // What came to nothing is not what is retried with the others any more; by itself it still can be.
    if (job?.state === 'failed' || job?.state === 'interrupted' || job?.state === 'cancelled')
      await tools.book.change(job.id, { state: 'skipped' })
  }

  /** @throws ExpectedError `not_found`, `flash_job_conflict`, `port_unknown`, `port_busy`, `port_denied` */
  async retry(caller: FlowCaller, jobId: string, audit: AuditDraft): Promise<FlashJob> {
    const { tools } = this.#dependencies
    const job = await tools.book.require(caller.scope, jobId)
    about(audit, job)
    return this.#retry(job, caller, audit)
  }

  /** Those for which there is no room begin as soon as there is. @throws ExpectedError `not_found`, `run_ended` */
  async retryFailed(
    caller: FlowCaller,
    runId: string,
    audit: AuditDraft,
  ): Promise<{ jobs: FlashJob[]; later: number; absent: number; refused: number }> {
    const { tools, scheduler } = this.#dependencies
    const row = await this.#openRow(caller.scope, runId)
    const failed = newestOfBoards(await jobsOfRun(tools.db, runId)).filter(
      ({ state }) => state === 'failed' || state === 'interrupted',
    )
    const jobs: FlashJob[] = []
    const counts = { later: 0, absent: 0, refused: 0 }
    for (const job of failed) {
      if (scheduler.room(runId) === 0) {
        scheduler.askAgain(runId, job.id, () => this.#retryLater(job.id, caller, audit))
        counts.later++
        continue
      }
      try {
        jobs.push(await this.#retry(job, caller, audit))
      } catch (error) {
        if (!(error instanceof ExpectedError)) throw error
        if (error.code === 'port_unknown') counts.absent++
        else counts.refused++
      }
    }
    audit.about('bench_run', runId, row.tenantId, { name: row.name, jobs: jobs.length, ...counts })
    return { jobs, ...counts }
  }

  /** As its job is by then: a person may have seen to it meanwhile. */
  async #retryLater(jobId: string, caller: FlowCaller, audit: AuditDraft): Promise<void> {
    const { book } = this.#dependencies.tools
    const job = await book.require({ all: true }, jobId)
    if (job.state !== 'failed' && job.state !== 'interrupted') return
    try {
      await this.#retry(job, caller, audit)
    } catch (error) {
      if (!(error instanceof ExpectedError)) throw error
    }
  }

  /** @throws ExpectedError `not_found`, `flash_job_conflict` */
  async cancel(scope: TenantScope, jobId: string, audit: AuditDraft): Promise<FlashJob> {
    const { tools, running } = this.#dependencies
    const job = await tools.book.require(scope, jobId)
    about(audit, job)
    if (!(await running.end(jobId, 'cancelled')))
      throw new ExpectedError('flash_job_conflict', { state: job.state, action: 'cancelled' })
    return tools.book.viewOf(await tools.book.require(scope, jobId))
  }

  async jobs(
    scope: TenantScope,
    of: {
      tenant?: string | undefined
      gateway?: string | undefined
      before?: string | undefined
      limit: number
    },
  ): Promise<{ jobs: FlashJob[]; next: string | null }> {
    const { tools, fleet, tenants } = this.#dependencies
    const { tenant, gateway, before, limit } = of
    const tenantId = tenant === undefined ? null : (await tenants.resolve(scope, tenant)).id
    const gatewayId = gateway === undefined ? null : (await fleet.find(scope, { gateway, tenant })).id
    const rows = await listJobs(tools.db, scope, {
      tenantId,
      gatewayId,
      before: before ?? null,
      limit: limit + 1,
    })
    const jobs = rows.slice(0, limit).map((row) => tools.book.viewOf(row))
    return { jobs, next: rows.length > limit ? (jobs.at(-1)?.id ?? null) : null }
  }

  async job(scope: TenantScope, jobId: string): Promise<{ job: FlashJob; log: FlashLogLine[] }> {
    const { book } = this.#dependencies.tools
    const row = await book.require(scope, jobId)
    return { job: book.viewOf(row), log: await book.logs.read(jobId) }
  }

  /** It was cut off by the end of the site before anything of it counted. */
  async #interrupted(job: FlashJobRow): Promise<void> {
    const { tools } = this.#dependencies
    const error = endedError('stopping', job.step)
    const ended = await tools.book.end(job.id, 'interrupted', error)
    const how = { result: 'interrupted', step: job.step, error: error.code }
    await new JobEnds(tools).record('flash_job.end', ended, siteItself(job.tenantId), how)
  }

  async #retry(job: FlashJobRow, caller: FlowCaller, audit: AuditDraft): Promise<FlashJob> {
    const { tools, runs, running, scheduler, retrySingle } = this.#dependencies
    if (job.state === 'running' || job.state === 'passed' || running.has(job.id))
      throw new ExpectedError('flash_job_conflict', { state: job.state, action: 'retried' })
    if (job.kind !== 'gateway' || job.runId === null) return retrySingle(job, caller, audit)
    const run = await runs.require({ all: true }, job.runId)
    const port = tools.ports.ofIdentity(job.portIdentity)
    const isFree = port !== null && tools.ports.isFree(port)
    // What stands already is awaited without its port too.
    if (job.committedAt === null) {
      const { path } = JSON.parse(job.port) as FlashJob['port']
      if (!port) throw new ExpectedError('port_unknown', { port: path })
      tools.ports.requireFree(port)
    }
    return tools.book.viewOf(await scheduler.again(run, job, isFree ? port : null, caller))
  }

  /** As many as there is room for; the others follow. @throws ExpectedError why none could begin */
  async #beginAll(row: BenchRunRow, ports: readonly SerialPort[], caller: FlowCaller): Promise<FlashJob[]> {
    const { scheduler } = this.#dependencies
    const begun: FlashJob[] = []
    let refusal: ExpectedError | null = null
    for (const [index, port] of ports.entries()) {
      if (scheduler.room(row.id) === 0) {
        scheduler.ask(row.id, ports.slice(index), caller)
        return begun
      }
      try {
        begun.push(await this.#begin(row, port, caller, null))
      } catch (error) {
        if (!(error instanceof ExpectedError)) throw error
        // Somebody else took it meanwhile; the others are asked all the same.
        refusal ??= error
      }
    }
    if (refusal !== null && begun.length === 0) throw refusal
    return begun
  }

  async #begin(
    row: BenchRunRow,
    port: SerialPort,
    caller: FlowCaller,
    code: string | null,
  ): Promise<FlashJob> {
    const { tools, scheduler } = this.#dependencies
    return tools.book.viewOf(await scheduler.begin(row, port, caller, code))
  }

  /** @throws ExpectedError `not_found`, `run_ended` */
  async #openRow(scope: TenantScope, runId: string): Promise<BenchRunRow> {
    const row = await this.#dependencies.runs.require(scope, runId)
    if (row.state !== 'open') throw new ExpectedError('run_ended', { run: row.name })
    return row
  }

  /** Where lines for certain MACs are left, the next board may be one of these. @throws ExpectedError `plan_used_up` */
  async #requirePlan({ id, setup }: BenchRunRow): Promise<void> {
    if (setup.plan.length === 0) return
    const jobs = await jobsOfRun(this.#dependencies.tools.db, id)
    const used = new Set(jobs.map(({ code }) => code))
    const isLeft =
      nextLine(setup.plan, jobs) !== undefined ||
      setup.plan.some(({ mac, code }) => mac !== undefined && !used.has(code))
    if (!isLeft) throw new ExpectedError('plan_used_up', { count: setup.plan.length })
  }
}

function about(audit: AuditDraft, { id, tenantId, code, mac }: FlashJobRow): void {
  audit.about('flash_job', id, tenantId, { code, mac })
}
