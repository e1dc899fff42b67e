import { randomUUID } from 'node:crypto'
import { errors, jwtVerify, SignJWT } from 'jose'

/** Seconds that an access token is good for. */
export const ACCESS_TOKEN_LIFE = 3_600
/** Characters; a token of ours has about 400. */
const LONGEST = 2_000
/** RFC 9068 2.1: what it is stands in it, so that no other token of ours passes for one. */
const TYPE = 'at+jwt'

/** What signs and proves access tokens of this site. */
export interface TokenKey {
  /** 256 bits, derived from the site key. */
  secret: Uint8Array
  /** This site's name in tokens, whatever it is called: of another site no token is good here. */
  issuer: string
}

/** What a token says, once it is proved. */
export interface AccessClaims {
  userId: string
  sessionId: string
  /** ms since 1970. */
  expiresAt: number
}

/** An access token (RFC 7519, RFC 9068): says who and by which session; the rights are looked up at every call. */
export function signAccessToken(
  { secret, issuer }: TokenKey,
  { userId, sessionId, now }: { userId: string; sessionId: string; now: number },
): Promise<string> {
  const issuedAt = Math.floor(now / 1000)
  return new SignJWT({ sid: sessionId })
    .setProtectedHeader({ alg: 'HS256', typ: TYPE })
    .setIssuer(issuer)
    .setAudience(issuer)
    .setSubject(userId)
    .setJti(randomUUID())
    .setIssuedAt(issuedAt)
    .setExpirationTime(issuedAt + ACCESS_TOKEN_LIFE)
    .sign(secret)
}

/**
 * @returns the session that a token is of; null for anything that is not a valid token of this site
 */
export async function readAccessToken(
  { secret, issuer }: TokenKey,
  token: string,
  { now }: { now: number },
): Promise<AccessClaims | null> {
  if (token.length > LONGEST) return null
  try {
    const { payload } = await jwtVerify(token, secret, {
      // RFC 8725 3.1: never what the token itself says.
      algorithms: ['HS256'],
      typ: TYPE,
      issuer,
      audience: issuer,
      requiredClaims: ['exp', 'sub', 'sid', 'jti'],
      currentDate: new Date(now),
    })
    const { sub, sid, exp } = payload
    if (typeof sub !== 'string' || typeof sid !== 'string' || exp === undefined) return null
    return { userId: sub, sessionId: sid, expiresAt: exp * 1000 }
  } catch (error) {
    if (error instanceof errors.JOSEError || error instanceof TypeError) return null
    throw error
  }
}
