import * as oidc from 'openid-client'
import { ExpectedError } from '#contract/errors.ts'

/** What kept an issuer from telling of itself: a refused call as it is, anything else `sign_on_unavailable`. */
export function discoveryFailure(error: unknown): ExpectedError {
  return expectedIn(error) ?? unavailable(error)
}

/** What a sign-in failed on when it came back; the library's own words stay in `cause`, for the log. */
export function exchangeFailure(error: unknown): ExpectedError {
  const expected = expectedIn(error)
  if (expected !== null) {
    const isOutbound = expected.code.startsWith('outbound_')
    return isOutbound
      ? new ExpectedError('sign_on_unavailable', { cause: expected.message }, { cause: error })
      : expected
  }
  if (error instanceof oidc.AuthorizationResponseError)
    return new ExpectedError('sign_on_denied', { reason: word(error.error) }, { cause: error })
  if (error instanceof oidc.ResponseBodyError)
    // Anything else of the token endpoint is about this site as its client, not about the person.
    return error.error === 'invalid_grant'
      ? new ExpectedError('sign_on_invalid', { reason: 'invalid_grant' }, { cause: error })
      : new ExpectedError('sign_on_unavailable', { cause: word(error.error) }, { cause: error })
  const code = codeOf(error)
  if (
    code === 'OAUTH_TIMEOUT' ||
    code === 'OAUTH_WWW_AUTHENTICATE_CHALLENGE' ||
    code === 'OAUTH_RESPONSE_IS_NOT_CONFORM'
  )
    return unavailable(error)
  return new ExpectedError(
    'sign_on_invalid',
    { reason: word(code || 'not as the standard asks') },
    { cause: error },
  )
}

function unavailable(error: unknown): ExpectedError {
  const { message } = (error ?? {}) as { message?: unknown }
  const said = [codeOf(error), typeof message === 'string' ? message : '']
    .filter((part) => part !== '')
    .join(': ')
  return new ExpectedError('sign_on_unavailable', { cause: word(said || 'it fails') }, { cause: error })
}

/** A coded error of ours, however deep the library has wrapped it. */
function expectedIn(error: unknown): ExpectedError | null {
  let at = error
  for (let depth = 0; depth < 5 && at instanceof Error; depth++) {
    if (at instanceof ExpectedError) return at
    at = at.cause
  }
  return null
}

function codeOf(error: unknown): string {
  const { code } = (error ?? {}) as { code?: unknown }
  return typeof code === 'string' ? code : ''
}

/** One short line: part of it may come from the provider. */
function word(text: string): string {
  return text.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ').slice(0, 200)
}
