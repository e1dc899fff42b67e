import type { AuditReport } from '#contract/model/audit.ts'
import { runJobThread } from '#platform/jobs/job-thread.ts'
import { workerUrl } from '#platform/threads/worker-url.ts'

export interface VerifyTask {
  /** The site's store, and the sealed head beside it. */
  file: string
  headFile: string
  /** The audit's key. */
  key: Uint8Array
}

/** Proves the whole audit on a thread of its own: many entries take seconds, in which the plant goes on. */
export function verifyOnThread(task: VerifyTask, signal: AbortSignal): Promise<AuditReport> {
  return runJobThread<never, AuditReport>({
    url: workerUrl('./audit-verify.worker', import.meta.url),
    task,
    signal,
    answer: (request) => Promise.reject(new Error(`asked for ${String(request)}`)),
  })
}
