import * as z from 'zod'
import type { JobData } from '#contract/model/job.ts'

const ResultSchema = z.object({
  claimed: z.number(),
  failed: z.number(),
  failures: z.array(
    z.object({ box: z.string(), error: z.string().nullable(), message: z.string().nullable() }),
  ),
})

/** The result of a job `claims.accept`; null while there is none. */
export function readManyResult(result: JobData | null): {
  claimed: number
  failed: number
  failures: { box: string; code: string; message: string }[]
} | null {
  const read = ResultSchema.safeParse(result)
  if (!read.success) return null
  const failures = read.data.failures.map(({ box, error, message }) => ({
    box,
    code: error ?? 'internal',
    message: message ?? '',
  }))
  return { ...read.data, failures }
}
