import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { type ErrorCode, type ErrorData, ExpectedError } from '#contract/errors.ts'
import type { Log } from '#platform/log/log.ts'

/** The same shape as the RPC layer's errors, so that a client reads one. */
export function sendError(reply: FastifyReply, error: ExpectedError) {
  const { code, status, message, data } = error
  // RFC 6585 4
  if (status === 429 && typeof data['seconds'] === 'number') reply.header('retry-after', data['seconds'])
  return reply
    .status(status)
    .send({ defined: true, code, status, message, data: { ...data, requestId: reply.request.id } })
}

/** `refused`: told who was sent away, for the audit. */
export function errorHandler(log: Log, refused: (request: FastifyRequest, code: ErrorCode) => void) {
  return (error: FastifyError, request: FastifyRequest, reply: FastifyReply) => {
    if (error instanceof ExpectedError) {
      if (sentAway.has(error.code)) refused(request, error.code)
      return sendError(reply, error)
    }
    const known = fromFastify(error, request)
    if (known) return sendError(reply, known)
    log.error({ err: error, requestId: request.id, url: request.url }, 'a request failed unexpectedly')
    return reply.status(500).send({
      defined: false,
      code: 'INTERNAL_SERVER_ERROR',
      status: 500,
      message: `The site failed to answer; its log has the details under request ${request.id}`,
      data: { requestId: request.id },
    })
  }
}

function fromFastify(error: FastifyError, request: FastifyRequest): ExpectedError | null {
  const expected = (code: ErrorCode, data: ErrorData = {}) => new ExpectedError(code, data)
  switch (error.code) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return expected('body_too_large', { limit: request.routeOptions.bodyLimit ?? BODY_LIMIT })
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return expected('media_type_unsupported')
    default:
      return error.statusCode === 400 ? expected('json_invalid', { cause: error.message }) : null
  }
}

/** Bytes of a request's body: every input of the API is small. */
export const BODY_LIMIT = 1024 * 1024

/** Codes that are an attempt at what the caller may not do. Who comes too often is counted elsewhere. */
const sentAway = new Set<ErrorCode>(['not_signed_in', 'forbidden', 'origin_refused', 'host_refused'])
