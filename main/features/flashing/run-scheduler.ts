import { setTimeout as sleep } from 'node:timers/promises'
import { ExpectedError } from '#contract/errors.ts'
import type { SerialPort } from '#contract/model/serial-port.ts'
import { mayBeginByItself } from './begins-by-itself.ts'
import type { BenchRunRow } from './bench-runs.repository.ts'
import { BoardFlow } from './board-flow.ts'
import type { FlashJobRow } from './flash-jobs.repository.ts'
import type { FlowCaller, FlowTools } from './flow-tools.ts'
import { JobEnds } from './job-ends.ts'
import type { EndReason, RunningJobs } from './running-jobs.ts'
import type { RunsService } from './runs.service.ts'
import { siteItself } from './site-itself.ts'

export interface SchedulerDependencies {
  tools: FlowTools
  running: RunningJobs
  runs: RunsService
  /** Who began a run, with the rights of now; null where they have none any more. */
  callerOf(of: { id: string | null; name: string; tenantId: string }): Promise<FlowCaller | null>
}

/** Boards that run connect again within so long after a start of the site, ms. */
const RECONNECT = 3_000

/** A port that is taken later, if at all. */
class PortHold {
  release: () => void = () => {}
}

/** A job whose row is there, and what is to be done with its board. */
interface Begun {
  caller: FlowCaller
  /** Gives its port back. */
  release(): void
  /** It was told to end before it could begin. */
  told?: EndReason | undefined
  work(flow: BoardFlow, signal: AbortSignal): Promise<void>
}

interface LiveRun {
  row: BenchRunRow
  /** Ports that somebody asked to begin with, and who. */
  asked: Map<string, FlowCaller>
  /** Jobs that are to be retried as soon as there is room. */
  retries: Map<string, () => Promise<void>>
  active: Set<string>
  /** Boards that are about to be active. */
  beginning: number
  /** A look at its ports is under way; another is to follow. */
  isPumping: boolean
  isStale: boolean
}

/** Which boards begin when: as they are plugged in, or as they are asked for, so many at once. */
export class RunScheduler {
  readonly #dependencies: SchedulerDependencies
  readonly #live = new Map<string, LiveRun>()
  readonly #ends: JobEnds
  #isStopping = false
  #unsubscribe: (() => void) | null = null

  constructor(dependencies: SchedulerDependencies) {
    this.#dependencies = dependencies
    this.#ends = new JobEnds(dependencies.tools)
  }

  start(): void {
    this.#unsubscribe = this.#dependencies.tools.ports.changed.subscribe(() => this.#pumpAll())
  }

  /** Takes no more boards; those on their way are ended by `RunningJobs.stop`. */
  stop(): void {
    this.#isStopping = true
    this.#unsubscribe?.()
  }

  /** A run that is open. */
  add(row: BenchRunRow): void {
    this.hold(row)
    this.release(row.id)
  }

  /** A run of before the start: it begins with nothing until it is released. */
  hold(row: BenchRunRow): void {
    const none = { asked: new Map(), retries: new Map(), active: new Set<string>() }
    this.#live.set(row.id, { row, ...none, beginning: 0, isPumping: true, isStale: false })
    if (row.setup.startByItself) this.#dependencies.tools.ports.take(row.id)
  }

  release(runId: string): void {
    const live = this.#live.get(runId)
    if (live) live.isPumping = false
    this.#pump(runId)
  }

  /** No new board begins. */
  async close(runId: string): Promise<void> {
    const live = this.#live.get(runId)
    if (live) live.row = { ...live.row, state: 'stopping' }
    live?.asked.clear()
    live?.retries.clear()
    this.#dependencies.tools.ports.takeNoMore(runId)
    await this.#dependencies.runs.enter(runId, 'stopping')
    await this.#endIfIdle(runId)
  }

  isOpen(runId: string): boolean {
    return this.#live.get(runId)?.row.state === 'open'
  }

  activeJobs(runId: string): string[] {
    return [...(this.#live.get(runId)?.active ?? [])]
  }

  /** Begins with these ports as soon as there is room. */
  ask(runId: string, ports: readonly SerialPort[], caller: FlowCaller): void {
    const live = this.#live.get(runId)
    for (const { path } of ports) live?.asked.set(path, caller)
    this.#pump(runId)
  }

  /** How many boards may begin now. */
  room(runId: string): number {
    const live = this.#live.get(runId)
    return live ? roomOf(live) : 0
  }

  /** Retries a job as soon as there is room. @param retry never rejects for what was to be expected */
  askAgain(runId: string, jobId: string, retry: () => Promise<void>): void {
    this.#live.get(runId)?.retries.set(jobId, retry)
    this.#pump(runId)
  }

  /** Begins with the board on a port now. @throws ExpectedError `run_ended`, `port_busy` */
  async begin(
    row: BenchRunRow,
    port: SerialPort,
    caller: FlowCaller,
    code: string | null,
  ): Promise<FlashJobRow> {
    const { book, claims, ports } = this.#dependencies.tools
    const live = this.#live.get(row.id)
    if (!live || !this.isOpen(row.id)) throw new ExpectedError('run_ended', { run: row.name })
    // Taken before anything is waited for: two calls never have one port.
    const holder = {
      kind: 'job' as const,
      tenantId: row.tenantId,
      jobId: null as string | null,
      who: 'a flash job',
    }
    const release = claims.take(port, holder)
    live.beginning += 1
    try {
      const { id: runId, tenantId } = row
      const job = await book.begin({ kind: 'gateway', runId, tenantId, port, actor: caller.actor, code })
      holder.jobId = job.id
      ports.began(port.identity, { id: job.id, tenantId, runId })
      await this.#ends.record('flash_job.start', job, caller, { run: row.name, port: port.path })
      const told = this.isOpen(runId) ? undefined : 'cancelled'
      this.#run(row, job, { caller, release, told, work: (flow) => flow.flash(port.path) })
      return job
    } catch (error) {
      release()
      throw error
    } finally {
      live.beginning -= 1
      await this.#endIfIdle(row.id)
    }
  }

  /**
   * Goes on with a job that ended.
   *
   * @param port null: its board is not plugged in, and is only awaited
   * @throws ExpectedError `flash_job_conflict`, `port_busy`
   */
  async again(
    row: BenchRunRow,
    before: FlashJobRow,
    port: SerialPort | null,
    caller: FlowCaller,
  ): Promise<FlashJobRow> {
    const { tools, running } = this.#dependencies
    const { book, claims, ports } = tools
    const holder = { kind: 'job' as const, tenantId: row.tenantId, jobId: before.id, who: 'a flash job' }
    const live = this.#live.get(row.id)
    const wasOpen = this.isOpen(row.id)
    const letBe = running.reserve(before.id)
    let release = () => {}
    if (live) live.beginning += 1
    try {
      if (port) release = claims.take(port, holder)
      const job = await book.again(before.id, port)
      if (port) ports.began(port.identity, { id: job.id, tenantId: row.tenantId, runId: row.id })
      const path = port?.path ?? null
      const told = wasOpen && !this.isOpen(row.id) ? 'cancelled' : undefined
      const work = (flow: BoardFlow) => (job.committedAt !== null ? flow.goOn(path) : flow.flash(path ?? ''))
      this.#run(row, job, { caller, release, told, work })
      return job
    } catch (error) {
      release()
      throw error
    } finally {
      letBe()
      if (live) live.beginning -= 1
      await this.#endIfIdle(row.id)
    }
  }

  /** After a start of the site: a gateway that stands is awaited on. */
  async resume(row: BenchRunRow, job: FlashJobRow): Promise<void> {
    const { tools, callerOf } = this.#dependencies
    const { startedById: id, startedByName: name, tenantId } = job
    // Whoever began it, its gateway stands.
    const caller = (await callerOf({ id, name, tenantId })) ?? siteItself(tenantId)
    tools.book.adopt(job)
    const hold = new PortHold()
    this.#run(row, job, {
      caller,
      release: () => hold.release(),
      work: async (flow, signal) => {
        // It may have been cut off before it was let go: whoever does not connect by itself is started anew.
        await this.#connected(job, signal)
        const port = tools.ports.ofIdentity(job.portIdentity)
        const isOnline = job.gatewayId !== null && tools.isOnline(job.gatewayId)
        if (isOnline || port === null || !tools.ports.isFree(port)) return flow.goOn(null)
        hold.release = tools.claims.take(port, {
          kind: 'job',
          tenantId,
          jobId: job.id,
          who: 'a flash job',
        })
        return flow.goOn(port.path)
      },
    })
  }

  async #connected({ gatewayId }: FlashJobRow, signal: AbortSignal): Promise<void> {
    const end = Date.now() + RECONNECT
    while (Date.now() < end && gatewayId !== null && !this.#dependencies.tools.isOnline(gatewayId))
      await sleep(250, undefined, { signal })
  }

  #run(row: BenchRunRow, job: FlashJobRow, { caller, release, told: end, work }: Begun): void {
    const { running, runs, tools } = this.#dependencies
    const live = this.#live.get(row.id)
    live?.active.add(job.id)
    const told = () => runs.changed.emit({ runId: row.id, tenantId: row.tenantId })
    told()
    const toDo = async (signal: AbortSignal) => {
      const flow = new BoardFlow(tools, { jobId: job.id, run: row, caller, signal })
      try {
        // A run or a site that was stopped meanwhile opens no port any more.
        signal.throwIfAborted()
        await work(flow, signal)
        await this.#ends.passed(row, job.id, caller)
      } catch (error) {
        await this.#ends.failed({ job, caller, signal, step: flow.step }, error)
      } finally {
        release()
        live?.active.delete(job.id)
        told()
      }
    }
    const done = running.run(job.id, toDo, end)
    void done.then(() => {
      this.#pump(row.id)
      return this.#endIfIdle(row.id)
    })
  }

  #pumpAll(): void {
    for (const runId of this.#live.keys()) this.#pump(runId)
  }

  #pump(runId: string): void {
    const live = this.#live.get(runId)
    if (!live || this.#isStopping) return
    live.isStale = true
    if (live.isPumping) return
    live.isPumping = true
    void this.#pumpOn(live).catch((err: unknown) =>
      this.#dependencies.tools.log.error({ err, runId }, 'a run could not begin with its boards'),
    )
  }

  async #pumpOn(live: LiveRun): Promise<void> {
    try {
      while (live.isStale && live.row.state === 'open' && !this.#isStopping) {
        live.isStale = false
        for (const [jobId, retry] of live.retries) {
          if (roomOf(live) === 0) break
          live.retries.delete(jobId)
          await retry()
        }
        for (const port of this.#candidates(live)) {
          if (roomOf(live) === 0) break
          await this.#beginWith(live, port)
        }
      }
    } finally {
      live.isPumping = false
    }
  }

  #candidates({ row, asked }: LiveRun): SerialPort[] {
    const { ports } = this.#dependencies.tools
    return ports
      .all()
      .filter(
        (port) =>
          ports.isFree(port) &&
          (asked.has(port.path) || (row.setup.startByItself && ports.isFresh(port, row.id))),
      )
  }

  async #beginWith(live: LiveRun, port: SerialPort): Promise<void> {
    const { tools, callerOf } = this.#dependencies
    const { row, asked } = live
    const byHand = asked.get(port.path)
    asked.delete(port.path)
    const { startedById: id, startedByName: name, tenantId } = row
    const caller = byHand ?? (await callerOf({ id, name, tenantId }))
    if (caller === null) {
      tools.log.warn(
        { runId: row.id },
        'who began a run may flash no more: it begins with no board by itself',
      )
      tools.ports.skip(port.identity, row.id)
      return
    }
    if (!byHand && !(await mayBeginByItself(tools.db, tools.ports, { runId: row.id, port }))) {
      tools.ports.leave(port.identity, row.id)
      return
    }
    if (live.row.state !== 'open' || !tools.ports.isFree(port)) return
    try {
      await this.begin(row, port, caller, null)
    } catch (error) {
      if (!(error instanceof ExpectedError)) throw error
    }
  }

  /** A run that takes no more boards is over with its last one. */
  async #endIfIdle(runId: string): Promise<void> {
    const live = this.#live.get(runId)
    if (live?.row.state !== 'stopping' || live.active.size + live.beginning > 0 || this.#isStopping) return
    this.#live.delete(runId)
    await this.#dependencies.runs.enter(runId, 'ended')
  }
}

function roomOf({ row, active, beginning }: LiveRun): number {
  return Math.max(0, (row.setup.atOnce ?? Number.POSITIVE_INFINITY) - active.size - beginning)
}
