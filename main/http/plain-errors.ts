import type { FastifyReply } from 'fastify'
import { type ErrorCode, ExpectedError } from '#contract/errors.ts'

/** What a field of a request may have wrong, as a list of sentences by the field's name. */
export type FieldErrors = Partial<Record<ErrorCode, { status: number; body?: Record<string, unknown> }>>

/**
 * Answers in the shape that programs of a reference system read: the sentence under the name that they look for, with our code
 * and data beside it. `own`: whole answers of some codes.
 */
export async function plainAnswer(
  reply: FastifyReply,
  name: 'error' | 'detail',
  answer: () => Promise<FastifyReply>,
  own: FieldErrors = {},
): Promise<FastifyReply> {
  reply.header('cache-control', 'no-store')
  try {
    return await answer()
  } catch (error) {
    if (!(error instanceof ExpectedError)) throw error
    const { code, message } = error
    const data = { ...error.data, requestId: reply.request.id }
    const { status, body = { [name]: message } } = own[code] ?? { status: error.status }
    if (typeof error.data['seconds'] === 'number') reply.header('retry-after', error.data['seconds'])
    return reply.status(status).send({ ...body, code, data })
  }
}
