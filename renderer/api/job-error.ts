import { ORPCError } from '@orpc/client'
import type { Job } from '#contract/model/job.ts'

/** Why a job failed, as a thrown value, for whatever words those. */
export function jobError({ code, message, data }: NonNullable<Job['error']>): Error {
  return new ORPCError(code, { message, data })
}
