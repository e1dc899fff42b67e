import { setTimeout as sleep } from 'node:timers/promises'
import { type ErrorData, ExpectedError, isErrorCode } from '#contract/errors.ts'
import { hasEnded, type Job } from '#contract/model/job.ts'
import { CliError } from '../cli-error.ts'
import type { CommandContext } from '../command-context.ts'
import type { SiteConnection } from '../site/connect-site.ts'

/** ms between two looks. */
const LOOKS_EVERY = 300
/** A line for each of these, in percent. */
const TOLD_EVERY = 10

/**
 * Follows a job to its end, saying how far it came. Ctrl-C cancels it.
 * @throws ExpectedError what the job failed with; CliError `interrupted`, `site_failed`
 */
export async function waitForJob(
  { output, interrupt }: CommandContext,
  { client }: SiteConnection,
  started: Job,
): Promise<Job> {
  let job = started
  let told = 0
  while (!hasEnded(job.state)) {
    if (interrupt.aborted) {
      await client.jobs.cancel({ jobId: job.id }).catch(() => {})
      interrupt.throwIfAborted()
    }
    await sleep(LOOKS_EVERY)
    const { log: _, ...now } = await client.jobs.get({ jobId: job.id })
    job = now
    const { done, total } = job.progress
    const percent = total === null || total === 0 ? 0 : Math.floor((done / total) * 100)
    if (percent < told + TOLD_EVERY || percent >= 100) continue
    told = percent - (percent % TOLD_EVERY)
    output.note(`${job.subject}: ${told} %`)
  }
  if (job.state === 'done') return job
  const { code, data, message } = job.error ?? { code: '', data: {}, message: `the job is ${job.state}` }
  if (isErrorCode(code)) throw new ExpectedError(code, data as ErrorData)
  throw new CliError('site_failed', message)
}
