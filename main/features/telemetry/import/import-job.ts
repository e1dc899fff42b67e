import { rm, stat } from 'node:fs/promises'
import { assertNever, ExpectedError } from '#contract/errors.ts'
import type { JobData } from '#contract/model/job.ts'
import type { ImportOptions, ImportReport } from '#contract/model/telemetry-file.ts'
import type { Clock } from '#platform/clock/clock.ts'
import type { AppendedReading, Historian } from '#platform/historian/historian.ts'
import type { JobContext, JobKind } from '#platform/jobs/job-kind.ts'
import { runJobThread } from '#platform/jobs/job-thread.ts'
import { workerUrl } from '#platform/threads/worker-url.ts'
import type { LiveChannel } from '../channel-registry.ts'
import { compareStored } from './compare-stored.ts'
import type { ImportBatch, ImportRequest, ImportTask } from './import-thread.ts'

/** What is kept of an import. */
export interface ImportParams extends ImportOptions {
  gatewayId: string
  /** Of when it was asked for: readings of one owner are not to become another's while it waits. */
  assignmentId: string
  /** As it was uploaded. */
  fileName: string
  dryRun: boolean
}

export interface ImportJobDependencies {
  historian: Pick<Historian, 'append' | 'columns'>
  clock: Clock
  /** @throws ExpectedError `not_found` */
  gateway(id: string): Promise<{ id: string; code: string; state: string; assignmentId: string | null }>
  channelsOf(gatewayId: string): LiveChannel[]
  /** What is stored now did not arrive just now. */
  expectImport(gatewayId: string, readings: number): void
  importFailed(gatewayId: string): void
}

/** How far an attempt came. */
interface Checkpoint {
  line: number
  stored: number
  equal: number
  corrections: number
}

/** Readings of one append: live ones pass between two of them. */
const APPENDED = 4_000
/** ms between two checkpoints. */
const CHECKPOINT_EVERY = 2_000

/** An import goes on after a crash: readings that were stored already are found equal. */
export function importJob(dependencies: ImportJobDependencies): JobKind {
  return {
    permission: 'gateways:write',
    afterCrash: 'resume',
    takesInput: true,
    shown: ({ assignmentId: _, ...params }) => params,
    run: (params, context) => new ImportRun(dependencies, params as unknown as ImportParams, context).run(),
  }
}

class ImportRun {
  readonly #dependencies: ImportJobDependencies
  readonly #params: ImportParams
  readonly #context: JobContext
  readonly #done: Checkpoint
  #report: ImportReport | null = null
  #savedAt = performance.now()

  constructor(dependencies: ImportJobDependencies, params: ImportParams, context: JobContext) {
    this.#dependencies = dependencies
    this.#params = params
    this.#context = context
    this.#done = (context.checkpoint as Checkpoint | null) ?? { line: 0, stored: 0, equal: 0, corrections: 0 }
  }

  async run(): Promise<JobData> {
    const { gateway, channelsOf, clock } = this.#dependencies
    const { id, input, signal } = this.#context
    const { gatewayId, assignmentId, dryRun, fileName: _, ...options } = this.#params
    const { code, state, assignmentId: assignedNow } = await gateway(gatewayId)
    if (assignedNow !== assignmentId)
      throw new ExpectedError('gateway_state_conflict', {
        code,
        state,
        action: 'given readings of an assignment before',
      })
    await stat(input).catch(() => {
      throw new ExpectedError('import_file_gone', { id })
    })
    const task: ImportTask = {
      path: input,
      options,
      gatewayCode: code,
      known: channelsOf(gatewayId).flatMap(({ row }) =>
        row.assignmentId === assignmentId ? [{ key: row.key, kind: row.kind }] : [],
      ),
      now: clock.now(),
      dryRun,
      skipLines: this.#done.line,
    }
    if (task.skipLines > 0) this.#context.log('resumed', { line: task.skipLines })
    await runJobThread<ImportRequest, void>({
      url: workerUrl('./import.worker', import.meta.url),
      task,
      signal,
      answer: async (request) => ({ value: await this.#answer(request) }),
    })
    // Checked files wait to be imported; what was stored is in the store.
    if (!dryRun) await rm(input, { force: true })
    const { line: __, ...counts } = this.#done
    return { ...this.#report, ...counts }
  }

  async #answer(request: ImportRequest): Promise<void> {
    switch (request.type) {
      case 'progress':
        return this.#context.progress(request.done, request.total)
      case 'checked': {
        const { rows, readings, refused } = request.report
        this.#report = request.report
        return this.#context.log('checked', { rows, readings, refused })
      }
      case 'batch':
        return this.#store(request.batch)
      default:
        return assertNever(request)
    }
  }

  async #store(batch: ImportBatch): Promise<void> {
    const { historian, channelsOf } = this.#dependencies
    const { signal } = this.#context
    const channels = new Map(
      channelsOf(this.#params.gatewayId)
        .filter(({ row }) => row.assignmentId === this.#params.assignmentId)
        .map(({ row }) => [row.key, row.seriesId]),
    )
    const compared = await compareStored(historian, batch, (key) => channels.get(key), signal)
    for (let start = 0; start < compared.readings.length; start += APPENDED) {
      signal.throwIfAborted()
      await this.#append(compared.readings.slice(start, start + APPENDED))
    }
    this.#done.line = batch.line
    this.#done.stored += compared.fresh
    this.#done.equal += compared.equal
    this.#done.corrections += compared.corrections
    if (performance.now() - this.#savedAt < CHECKPOINT_EVERY) return
    await this.#context.saveCheckpoint(this.#done)
    this.#savedAt = performance.now()
  }

  async #append(readings: Omit<AppendedReading, 'assignmentId'>[]): Promise<void> {
    const { historian, expectImport, importFailed } = this.#dependencies
    const { gatewayId, assignmentId } = this.#params
    expectImport(gatewayId, readings.length)
    try {
      await historian.append(readings.map((reading) => ({ ...reading, assignmentId })))
    } catch (error) {
      importFailed(gatewayId)
      throw error
    }
  }
}
