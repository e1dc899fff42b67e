import { ORPCError } from '@orpc/client'
import { type ErrorData, ExpectedError, isErrorCode } from '#contract/errors.ts'
import { CliError, causeOf } from '../cli-error.ts'

/**
 * The site's answer as the error that people know: a code of the registry with its data. What is not in the
 * registry (a bug in the site, a proxy's page) is `site_failed`, with what is known of it.
 */
export function siteError(error: unknown): unknown {
  if (error instanceof ExpectedError || error instanceof CliError) return error
  if (!(error instanceof ORPCError)) return error
  if (isErrorCode(error.code)) return new ExpectedError(error.code, flatData(error.data), { cause: error })
  const issues = issuesOf(error.data)
  if (issues !== null) return new ExpectedError('input_invalid', { issues }, { cause: error })
  const requestId = property(error.data, 'requestId')
  const where = typeof requestId === 'string' ? ` (request ${requestId}: the site's log says more)` : ''
  return new CliError('site_failed', `The site answered ${error.status}: ${error.message}${where}`, {
    status: error.status,
  })
}

/** A failure below HTTP: nothing answered. */
export function unreachable(where: { dataDir: string } | { url: string }, error: unknown): ExpectedError {
  return 'dataDir' in where
    ? new ExpectedError('site_not_running', { dir: where.dataDir }, { cause: error })
    : new ExpectedError('site_unreachable', { url: where.url, cause: causeOf(error) }, { cause: error })
}

function flatData(data: unknown): ErrorData {
  if (typeof data !== 'object' || data === null) return {}
  const flat: ErrorData = {}
  for (const [key, value] of Object.entries(data)) {
    if (value === null || ['string', 'number', 'boolean'].includes(typeof value)) flat[key] = value
    else flat[key] = JSON.stringify(value)
  }
  return flat
}

/** A schema's complaints, as `field: what`. */
function issuesOf(data: unknown): string | null {
  const issues = property(data, 'issues')
  if (!Array.isArray(issues)) return null
  return issues
    .map((issue: unknown) => {
      const path = property(issue, 'path')
      const at = Array.isArray(path) && path.length > 0 ? `${path.map(String).join('.')}: ` : ''
      return at + String(property(issue, 'message'))
    })
    .join('; ')
}

function property(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[key] : undefined
}
