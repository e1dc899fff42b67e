import type { CallContext } from './connection.ts'

/** Headers of a call, on every transport. */
export function callHeaders({ context }: { context: CallContext }): Record<string, string> {
  return context.idempotencyKey === undefined ? {} : { 'idempotency-key': context.idempotencyKey }
}
