import { randomBytes } from 'node:crypto'
import { ExpectedError } from '#contract/errors.ts'
import { type Actor, anonymous, auditActor, type PersonActor } from '#features/access/index.ts'
import type { AuditDraft, AuditService } from '#features/audit/index.ts'
import type { TenantsService } from '#features/tenants/index.ts'
import type { Clock } from '#platform/clock/clock.ts'
import type { SiteDb } from '#platform/db/site-db.ts'
import type { ActorLookup } from '../actor-lookup.ts'
import type { Caller, Credentials } from '../credential-check.ts'
import * as people from '../identity.repository.ts'
import type { IdentityService } from '../identity.service.ts'
import { hashToken } from '../sessions.service.ts'
import {
  ACCESS_TOKEN_LIFE,
  type AccessClaims,
  readAccessToken,
  signAccessToken,
  type TokenKey,
} from './access-token.ts'
import * as repository from './refresh-tokens.repository.ts'

/** Seconds that a refresh token waits to be used. */
export const REFRESH_TOKEN_LIFE = 30 * 24 * 3_600

/** Access tokens that are remembered; the one proved longest ago is forgotten first. */
const MOST_PROVED = 5_000

export interface IssuedTokens {
  actor: PersonActor
  accessToken: string
  refreshToken: string
}

export interface TokensDependencies {
  db: SiteDb
  clock: Clock
  audit: AuditService
  identity: IdentityService
  actors: ActorLookup
  tenants: Pick<TenantsService, 'list' | 'resolve'>
  /** There is none before the site is set up. */
  key(): TokenKey
}

/** Access and refresh tokens of people's programs: a session like a browser's, prolonged by each refresh. */
export class TokensService {
  readonly #dependencies: TokensDependencies
  /** Access tokens whose signature was proved, by their hash: proving it costs more than all the rest. */
  readonly #proved = new Map<string, AccessClaims>()
  /** Refresh tokens that are being used at this moment, by their hash. */
  readonly #inUse = new Set<string>()

  constructor(dependencies: TokensDependencies) {
    this.#dependencies = dependencies
  }

  /**
   * Signs a program in.
   * @throws ExpectedError `wrong_credentials`, `account_locked`, `too_many_requests`, `account_without_tenant`,
   *   `tenant_unknown`
   */
  async open(
    { tenant, ...given }: Credentials & { tenant?: string | undefined },
    from: Caller,
    audit: AuditDraft,
  ): Promise<IssuedTokens> {
    const { identity, clock } = this.#dependencies
    const user = await identity.credentials.verify(given, from, audit)
    const tenantId = tenant === undefined ? null : await this.#tenantOf(user.id, tenant)
    const { token, tokenHash } = newRefreshToken()
    const now = clock.now()
    const expiresAt = now + REFRESH_TOKEN_LIFE * 1000
    const actor = await identity.sessions.open(
      user.id,
      { from, proof: { passwordHash: user.passwordHash }, kind: 'api', tokenHash: null, tenantId, expiresAt },
      audit,
      (trx, sessionId) =>
        repository.insertRefreshToken(trx, { tokenHash, sessionId, createdAt: now, expiresAt }),
    )
    return { actor, accessToken: await this.#sign(actor, now), refreshToken: token }
  }

  /** @throws ExpectedError `tenant_unknown`, also for one that they are not in */
  async #tenantOf(userId: string, reference: string): Promise<string> {
    const { actors, identity, tenants } = this.#dependencies
    const actor = await actors.person({ sessionId: '', userId, tenantId: null, isSignOn: false })
    const found = (await identity.tenantsOf(actor, tenants)).find(
      ({ id, slug }) => id === reference || slug === reference,
    )
    if (found === undefined) throw new ExpectedError('tenant_unknown', { tenant: reference })
    return found.id
  }

  /**
   * Gives new tokens for a refresh token, which is used up. One that was used before ends its session: it was stolen, or
   * the one that took its place was (RFC 9700 4.14.2). Of calls with the same one at once the first wins and the others
   * are refused; one that comes when the first has its answer is a reuse.
   * @throws ExpectedError `refresh_token_refused`
   */
  async refresh(token: string, audit: AuditDraft): Promise<IssuedTokens> {
    const tokenHash = hashToken(token)
    if (this.#inUse.has(tokenHash)) throw new ExpectedError('refresh_token_refused')
    this.#inUse.add(tokenHash)
    try {
      return await this.#refresh(tokenHash, audit)
    } finally {
      this.#inUse.delete(tokenHash)
    }
  }

  async #refresh(tokenHash: string, audit: AuditDraft): Promise<IssuedTokens> {
    const { db, clock, actors } = this.#dependencies
    const now = clock.now()
    const found = await repository.refreshTokenByHash(db, tokenHash)
    if (found === undefined || found.expiresAt <= now) throw new ExpectedError('refresh_token_refused')
    const { sessionId, userId, tenantId, providerId } = found
    if (found.usedAt !== null) return this.#endFamily(found, audit)
    const actor = await actors.person({ sessionId, userId, tenantId, isSignOn: providerId !== null })
    if (actor.kind !== 'user') throw new ExpectedError('refresh_token_refused')
    const next = newRefreshToken()
    const expiresAt = now + REFRESH_TOKEN_LIFE * 1000
    await db.transaction().execute(async (trx) => {
      const isFirst = await repository.useRefreshToken(trx, tokenHash, now)
      if (!isFirst) throw new ExpectedError('refresh_token_refused')
      await repository.deleteExpiredRefreshTokens(trx, now)
      await repository.insertRefreshToken(trx, {
        tokenHash: next.tokenHash,
        sessionId,
        createdAt: now,
        expiresAt,
      })
      await people.touchSession(trx, sessionId, { lastSeenAt: now, expiresAt })
    })
    return { actor, accessToken: await this.#sign(actor, now), refreshToken: next.token }
  }

  async #endFamily(found: { sessionId: string; userId: string }, audit: AuditDraft): Promise<never> {
    const { db, actors, identity, audit: log } = this.#dependencies
    const { sessionId, userId } = found
    const actor = await actors.person({ sessionId, userId, tenantId: null, isSignOn: false })
    audit.subject = { ...audit.subject, action: 'auth.refresh_reuse', actor: auditActor(actor) }
    audit.about('user', userId, actor.kind === 'user' ? actor.tenantId : null, { sessionId })
    await db.transaction().execute(async (trx) => {
      await people.deleteSession(trx, sessionId)
      await log.recordIn(trx, audit, 'refused', 'refresh_token_refused')
    })
    identity.sessions.ended.emit({ sessionId })
    throw new ExpectedError('refresh_token_refused')
  }

  /** Who an access token is of; anonymous for anything that is not one, or whose session has ended. */
  async resolve(token: string): Promise<Actor> {
    const { identity } = this.#dependencies
    const claims = await this.#prove(token)
    if (claims === null) return anonymous
    const actor = await identity.sessions.resolveApi(claims.sessionId)
    return actor.kind === 'user' && actor.id === claims.userId ? actor : anonymous
  }

  async #prove(token: string): Promise<AccessClaims | null> {
    const { clock, key } = this.#dependencies
    const now = clock.now()
    const tokenHash = hashToken(token)
    const known = this.#proved.get(tokenHash)
    if (known !== undefined && now < known.expiresAt) return known
    this.#proved.delete(tokenHash)
    const claims = await readAccessToken(key(), token, { now })
    if (claims === null) return null
    this.#proved.set(tokenHash, claims)
    const oldest = this.#proved.size > MOST_PROVED ? this.#proved.keys().next().value : undefined
    if (oldest !== undefined) this.#proved.delete(oldest)
    return claims
  }

  /** The session of a refresh token, also of one that was used. */
  async sessionOf(refreshToken: string): Promise<string | null> {
    const found = await repository.refreshTokenByHash(this.#dependencies.db, hashToken(refreshToken))
    return found?.sessionId ?? null
  }

  #sign(actor: PersonActor, now: number): Promise<string> {
    const { id: userId, sessionId } = actor
    return signAccessToken(this.#dependencies.key(), { userId, sessionId, now })
  }
}

export const lifetimes = { access: ACCESS_TOKEN_LIFE, refresh: REFRESH_TOKEN_LIFE }

function newRefreshToken(): { token: string; tokenHash: string } {
  const token = `mwr_${randomBytes(32).toString('base64url')}`
  return { token, tokenHash: hashToken(token) }
}
