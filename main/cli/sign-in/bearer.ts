import { createRestClient } from '#client/rest-client.ts'
import { ExpectedError } from '#contract/errors.ts'
import type { SendRequest } from '../site/connect-site.ts'
import { siteError } from '../site/site-error.ts'
import type { StoredSignIn, StoredSignIns } from './stored-sign-ins.ts'

/** An access token with less life than this is renewed first, ms. */
const MARGIN = 60_000

export interface IssuedTokens {
  access_token: string
  expires_in: number
  refresh_token: string
}

/** What is kept of new tokens; `now` in ms. */
export function keptTokens(tokens: IssuedTokens, now: number) {
  return {
    accessToken: tokens.access_token,
    accessExpiresAt: now + tokens.expires_in * 1000,
    refreshToken: tokens.refresh_token,
  }
}

/**
 * Gives each request the user's access token, renewed when it is due. A command that runs for hours goes on.
 * @throws ExpectedError `not_signed_in` where the site ended the session; the sign-in is forgotten then
 */
export function sendSignedIn(
  bare: SendRequest,
  { store, origin, now }: { store: StoredSignIns; origin: string; now: () => number },
): SendRequest {
  const isGood = (kept: StoredSignIn) => kept.accessExpiresAt - now() > MARGIN
  const fresh = (kept: StoredSignIn | null): Promise<StoredSignIn | null> =>
    kept === null || isGood(kept) ? Promise.resolve(kept) : renew(kept)
  const renew = async (kept: StoredSignIn): Promise<StoredSignIn | null> => {
    try {
      const { auth } = createRestClient(origin, bare)
      return { ...kept, ...keptTokens(await auth.refresh({ refresh_token: kept.refreshToken }), now()) }
    } catch (error) {
      const known = siteError(error)
      if (known instanceof ExpectedError && known.code === 'refresh_token_refused') return null
      throw known
    }
  }
  return async (request) => {
    let kept = await store.find(origin)
    // Another command may be renewing it at this moment: only one may, for a refresh token is good once.
    if (kept !== null && !isGood(kept)) kept = await store.change(origin, fresh)
    if (kept === null) throw new ExpectedError('not_signed_in')
    request.headers.set('authorization', `Bearer ${kept.accessToken}`)
    return bare(request)
  }
}
