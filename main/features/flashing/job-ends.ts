import { ExpectedError } from '#contract/errors.ts'
import type { FlashStep } from '#contract/model/flash.ts'
import { auditActor } from '#features/access/index.ts'
import { AuditDraft } from '#features/audit/index.ts'
import type { BenchRunRow } from './bench-runs.repository.ts'
import type { FlashJobRow } from './flash-jobs.repository.ts'
import type { FlowCaller, FlowTools } from './flow-tools.ts'
import { labelGateway } from './labelling.ts'
import { endedError } from './running-jobs.ts'

/** How jobs of runs begin and end: in the store, the log, the audit. */
export class JobEnds {
  readonly #tools: FlowTools

  constructor(tools: FlowTools) {
    this.#tools = tools
  }

  /** It is online and its reading is right: it gets its label and its birth record. */
  async passed(row: BenchRunRow, jobId: string, caller: FlowCaller): Promise<void> {
    const { book, records, labels, clock } = this.#tools
    const job = await book.refresh(jobId)
    const { gatewayId, tenantId } = job
    try {
      const isLabelled =
        gatewayId !== null && (await labelGateway(row.setup.labels, { gatewayId, tenantId }, labels))
      if (isLabelled) await book.change(jobId, { labelledAt: clock.now() })
    } catch (error) {
      // The gateway is what counts: its label can be printed again.
      const cause = error instanceof Error ? error.message : String(error)
      book.logs.add(jobId, 'bench', `No label: ${cause}`)
    }
    const { id, name, setup, facts, tenantName } = row
    await records.sign(job, {
      run: { id, name, check: setup.check, bundle: facts.bundle },
      tenant: { id: tenantId, name: tenantName },
    })
    book.logs.add(jobId, 'bench', 'passed')
    const ended = await book.end(jobId, 'passed', null)
    await this.record('flash_job.end', ended, caller, { result: 'passed' })
  }

  /** Writes why it ended. What stands, and ends with the site, stays as it is: it is awaited again. Never rejects. */
  async failed(
    of: { job: FlashJobRow; caller: FlowCaller; signal: AbortSignal; step: FlashStep },
    thrown: unknown,
  ): Promise<void> {
    const { book, log } = this.#tools
    const { job, caller, signal, step } = of
    try {
      const { committedAt } = await book.refresh(job.id)
      // It stands, and is awaited again when the site is back.
      if (signal.reason === 'stopping' && committedAt !== null) return
      const error = signal.aborted ? endedError(signal.reason, step) : expected(thrown, job.id)
      if (error.code === 'flash_failed')
        log.error({ err: thrown, jobId: job.id }, 'a flash job failed unexpectedly')
      book.logs.add(job.id, 'bench', error.message)
      const state = !signal.aborted ? 'failed' : signal.reason === 'stopping' ? 'interrupted' : 'cancelled'
      const ended = await book.end(job.id, state, error)
      await this.record('flash_job.end', ended, caller, { result: state, step, error: error.code })
    } catch (err) {
      log.error({ err, jobId: job.id }, 'the end of a flash job could not be written')
    }
  }

  /** An entry of the audit: what a job does by itself has no call that would make one. */
  async record(
    action: string,
    job: FlashJobRow,
    caller: FlowCaller,
    details: Record<string, unknown>,
  ): Promise<void> {
    const { audit, log } = this.#tools
    const draft = new AuditDraft({ actor: auditActor(caller.actor), action, address: '', requestId: null })
    const { code, mac, attempt } = job
    draft.about('flash_job', job.id, job.tenantId, { ...details, code, mac, attempt })
    try {
      await audit.record(draft, 'done')
    } catch (err) {
      log.error({ err, jobId: job.id }, 'a flash job is not in the audit')
    }
  }
}

function expected(thrown: unknown, jobId: string): ExpectedError {
  return thrown instanceof ExpectedError
    ? thrown
    : new ExpectedError('flash_failed', { job: jobId }, { cause: thrown })
}
