import { ORPCError } from '@orpc/client'
import { type ErrorCode, type ErrorData, isErrorCode } from '#contract/errors.ts'
import { LinkLostError } from './connection.ts'

/** A code of the registry, or one of what can happen on this side. */
export type ClientErrorCode = ErrorCode | 'internal' | 'link_lost' | 'cancelled'

export interface ReadError {
  code: ClientErrorCode
  data: ErrorData
  /** English, for details to copy; what people read comes from `useErrorText`. */
  message: string
  requestId: string | null
}

/** What any thrown value means to the UI. */
export function readError(error: unknown): ReadError {
  const message = error instanceof Error ? error.message : String(error)
  if (error instanceof ORPCError) {
    const data = dataOf(error.data)
    const requestId = typeof data.requestId === 'string' ? data.requestId : null
    return { code: codeOf(error.code), data, message, requestId }
  }
  return { code: localCodeOf(error), data: {}, message, requestId: null }
}

function codeOf(code: string): ClientErrorCode {
  if (isErrorCode(code)) return code
  // What the RPC layer itself refuses before a handler runs.
  if (code === 'BAD_REQUEST' || code === 'UNPROCESSABLE_CONTENT') return 'input_invalid'
  if (code === 'UNAUTHORIZED') return 'not_signed_in'
  if (code === 'FORBIDDEN') return 'forbidden'
  if (code === 'TOO_MANY_REQUESTS') return 'too_many_requests'
  if (code === 'PAYLOAD_TOO_LARGE') return 'body_too_large'
  return 'internal'
}

function localCodeOf(error: unknown): ClientErrorCode {
  if (error instanceof LinkLostError) return 'link_lost'
  if (!(error instanceof Error)) return 'internal'
  if (error.name === 'AbortError') return isQueueClosed(error) ? 'link_lost' : 'cancelled'
  // `fetch` reports every network failure as a TypeError.
  if (error instanceof TypeError && /fetch|network|load failed/i.test(error.message)) return 'link_lost'
  // The bundler's loader reports a style sheet of a screen that did not come with these words.
  if (error.message.startsWith('Unable to preload CSS')) return 'link_lost'
  if (isQueueClosed(error) || error.message.includes('WebSocket is not open')) return 'link_lost'
  return 'internal'
}

/** The RPC peer ends its pending calls with this when its channel closes. */
function isQueueClosed(error: Error): boolean {
  return error.message.includes('[AsyncIdQueue]')
}

function dataOf(data: unknown): ErrorData {
  if (typeof data !== 'object' || data === null) return {}
  const kept: ErrorData = {}
  for (const [name, value] of Object.entries(data)) {
    if (
      value === null ||
      typeof value === 'string' ||
      typeof value === 'number' ||
      typeof value === 'boolean'
    ) {
      kept[name] = value
    }
  }
  return kept
}
