import { setTimeout as sleep } from 'node:timers/promises'
import type { RestClient } from '#client/rest-client.ts'
import { hasEnded } from '#contract/model/job.ts'

const LOOKS_EVERY = 200

/** Follows a job to its end. @returns its result @throws Error with the job's own words where it came to nothing */
export async function jobEnd(
  client: RestClient,
  jobId: string,
  signal: AbortSignal,
): Promise<Record<string, unknown>> {
  for (;;) {
    const job = await client.jobs.get({ jobId })
    if (job.state === 'done') return job.result ?? {}
    if (hasEnded(job.state)) throw new Error(job.error?.message ?? `the job is ${job.state}`)
    await sleep(LOOKS_EVERY, undefined, { signal })
  }
}
