import { ORPCError } from '@orpc/server'
import { type ErrorCode, ExpectedError, errorCodes, isErrorCode } from '#contract/errors.ts'
import type { Log } from '#platform/log/log.ts'

export interface FailedCall {
  requestId: string
  procedure: string
  log: Log
}

/** Any failure of a procedure as its callers are told it: a code of the registry, or a bug with its request id. */
export function toCodedError(error: unknown, call: FailedCall): ORPCError<string, unknown> {
  const { requestId, procedure, log } = call
  if (error instanceof ExpectedError) return codedError(error, requestId)
  if (error instanceof ORPCError) {
    const issues = issuesOf(error)
    if (issues !== null) return codedError(new ExpectedError('input_invalid', { issues }), requestId)
    if (isErrorCode(error.code)) return error
  }
  if (error instanceof Error && error.name === 'AbortError')
    return new ORPCError('CLIENT_CLOSED_REQUEST', { status: 499 })
  log.error({ err: error, requestId, procedure }, 'a procedure failed unexpectedly')
  const store = storeFailure(error)
  if (store !== null) return codedError(store, requestId)
  return new ORPCError('INTERNAL_SERVER_ERROR', {
    message: `The site failed to answer; its log has the details under request ${requestId}`,
    data: { requestId },
  })
}

function codedError(error: ExpectedError, requestId: string): ORPCError<string, unknown> {
  const { code, message, data } = error
  const { status } = errorCodes[code satisfies ErrorCode]
  return new ORPCError(code, { status, message, data: { ...data, requestId } })
}

function issuesOf(error: ORPCError<string, unknown>): string | null {
  if (error.code !== 'BAD_REQUEST') return null
  const { issues } = (error.data ?? {}) as { issues?: { path?: PropertyKey[]; message: string }[] }
  return issues?.map((issue) => `${issue.path?.join('.') || 'input'}: ${issue.message}`).join('; ') ?? null
}

/** The site's own store, where a disk is full or broken: a person can put that right. */
function storeFailure(error: unknown): ExpectedError | null {
  const { code } = (error ?? {}) as { code?: unknown }
  if (typeof code !== 'string') return null
  if (code === 'SQLITE_FULL' || code === 'ENOSPC') return new ExpectedError('disk_full')
  return /^SQLITE_(IOERR|READONLY|CANTOPEN)/.test(code)
    ? new ExpectedError('store_failed', { cause: code })
    : null
}
