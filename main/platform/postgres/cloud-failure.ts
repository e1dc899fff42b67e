import { type ErrorData, ExpectedError } from '#contract/errors.ts'
import { tlsFailure } from './tls-failure.ts'

/** Where something failed, for the words of the failure. */
export interface CloudFailureContext {
  host: string
  port: number
  database: string
  username: string
  /** What was being done: `connecting`, `sending readings`; part of a sentence. */
  step: string
  /** The connection stood already when it failed. */
  connected?: boolean
}

const NO_NAME = new Set(['ENOTFOUND', 'EAI_AGAIN', 'EAI_NODATA', 'EAI_NONAME', 'EAI_FAIL', 'ENODATA'])
const NO_WAY = new Set([
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'EHOSTDOWN',
  'ENETUNREACH',
  'ENETDOWN',
  'EADDRNOTAVAIL',
  'EACCES',
  'EPERM',
])

/**
 * What a failure of a connection, of TLS, or of Postgres means to a person. Whatever is none of these, a bug of our own too,
 * is `cloud_link_lost`: where the line holds all the same, whoever caught it says so (`cloud_own_fault`).
 */
export function cloudFailure(error: unknown, context: CloudFailureContext): ExpectedError {
  if (error instanceof ExpectedError) return error
  const code = textOf(error, 'code')
  const state = /^[0-9A-Z]{5}$/.test(code) && textOf(error, 'severity') !== '' ? code : null
  if (state !== null) return ofSqlState(state, error, context)
  const { host, port } = context
  if (NO_NAME.has(code)) return failed('cloud_host_unknown', { host }, error)
  const tls = tlsFailure(error, code, host)
  if (tls) return tls
  const isBroken = code === 'EPROTO' || code.startsWith('ERR_SSL_')
  if (!isBroken && (NO_WAY.has(code) || !context.connected))
    return failed('cloud_unreachable', { host, port, cause: causeOf(error) }, error)
  return failed('cloud_link_lost', { host, step: context.step, cause: causeOf(error) }, error)
}

/** Whether Postgres refused what was sent, not the link: it would refuse it again. */
export function isDataRefusal(error: unknown): boolean {
  const code = textOf(error, 'code')
  return textOf(error, 'severity') !== '' && /^(22|23|42501|P0001)/.test(code)
}

/** SQLSTATE, Appendix A of Postgres' documentation. */
function ofSqlState(state: string, error: unknown, context: CloudFailureContext): ExpectedError {
  const { host, database, username, step } = context
  const cause = causeOf(error)
  switch (state) {
    case '28P01':
    case '28000':
      return failed('cloud_login_refused', { host, username }, error)
    case '3D000':
      return failed('cloud_database_unknown', { host, database }, error)
    case '53300':
      return failed('cloud_too_many_connections', { host }, error)
    case '57P01':
    case '57P02':
    case '57P03':
      return failed('cloud_starting', { host }, error)
    case '53100':
      return failed('cloud_full', { cause }, error)
    case '25006':
      return failed('cloud_read_only', { host }, error)
    case '42501':
      return failed('cloud_role_lacks_rights', { username, cause }, error)
    case '3F000':
    case '42P01':
    case '42883':
      return failed('cloud_schema_missing', { database }, error)
    case '40001':
    case '40P01':
    case '53000':
    case '53200':
    case '53400':
    case '55P03':
    case '57014':
      return failed('cloud_busy', { cause }, error)
    // The server ended a session that said nothing for too long.
    case '25P03':
    case '57P05':
      return failed('cloud_link_lost', { host, step, cause }, error)
    default:
      return state.startsWith('08')
        ? failed('cloud_link_lost', { host, step, cause }, error)
        : failed('cloud_refused', { cause }, error)
  }
}

/** The first line of what failed, without the detail, which may hold data. */
export function causeOf(error: unknown): string {
  const code = textOf(error, 'code')
  if (code === 'ECONNREFUSED') return 'nothing listens there'
  if (code === 'ETIMEDOUT') return 'no answer in time'
  if (code === 'ECONNRESET' || code === 'EPIPE') return 'the other side closed it'
  const message = error instanceof Error ? error.message : String(error)
  return (message.split('\n')[0] ?? '').slice(0, 200)
}

function failed(code: ExpectedError['code'], data: ErrorData, cause: unknown): ExpectedError {
  return new ExpectedError(code, data, { cause })
}

function textOf(error: unknown, name: 'code' | 'severity'): string {
  if (!(error instanceof Error)) return ''
  const value = (error as { code?: unknown; severity?: unknown })[name]
  return typeof value === 'string' ? value : ''
}
