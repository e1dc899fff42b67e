import { type ErrorCode, type ErrorData, ExpectedError } from '#contract/errors.ts'

/** An error as it crosses a thread: structured clone keeps neither class nor code. */
export type WireError = { code: ErrorCode; data: ErrorData } | { bug: string; stack: string }

export type FromThread<Request, Result> =
  | { type: 'ask'; id: number; request: Request }
  | { type: 'done'; result: Result }
  | { type: 'failed'; error: WireError }

export function toWire(error: unknown): WireError {
  if (error instanceof ExpectedError) return { code: error.code, data: error.data }
  if (error instanceof Error) return { bug: error.message, stack: error.stack ?? '' }
  return { bug: String(error), stack: '' }
}

export function fromWire(wire: WireError): Error {
  if ('code' in wire) return new ExpectedError(wire.code, wire.data)
  const error = new Error(wire.bug)
  error.stack = wire.stack
  return error
}
