import { createHash, randomBytes } from 'node:crypto'
import { ExpectedError } from '#contract/errors.ts'
import { type Actor, anonymous, auditActor, type PersonActor } from '#features/access/index.ts'
import type { AuditDraft, AuditService } from '#features/audit/index.ts'
import type { Clock } from '#platform/clock/clock.ts'
import type { SiteDb, SiteTrx } from '#platform/db/site-db.ts'
import { Topic } from '#platform/events/topic.ts'
import { uuid7 } from '#platform/ids/uuid7.ts'
import { networkOf } from '#platform/limits/network-of.ts'
import type { Log } from '#platform/log/log.ts'
import type { ActorLookup } from './actor-lookup.ts'
import type { Caller } from './credential-check.ts'
import * as repository from './identity.repository.ts'
import { userById } from './memberships.repository.ts'
import { isLocked } from './session-lock.ts'

const MINUTE = 60_000
/** A browser's session ends after this much idle time, or a week after signing in. */
const IDLE = 12 * 60 * MINUTE
const LONGEST = 7 * 24 * 60 * MINUTE
/** When a session was last used is written at most this often. */
const TOUCH = 5 * MINUTE
/** Networks that are remembered of a person. */
const USUAL_NETWORKS = 20

export interface SignedIn {
  actor: PersonActor
  token: string
  /** ms: when it ends however much it is used. */
  expiresAt: number
}

/**
 * What somebody proved who they are with, which must still hold when the session is written: the hash that their password
 * matched, or the provider that vouched for them.
 */
export type Proof = { passwordHash: string | null } | { providerId: string }

/** What a new session is, beside whose. */
export interface NewSession {
  from: Caller
  proof: Proof
  /** In which of their tenants they act; the first one, or the whole site, where left out. */
  tenantId?: string | null
}

export interface SessionsDependencies {
  db: SiteDb
  clock: Clock
  log: Log
  actors: ActorLookup
  audit: AuditService
  /** After how long without a person at it a browser's session locks, ms; null: never. */
  lockAfter(): number | null
}

/** Who is signed in: a 256-bit random token in the browser, only its SHA-256 in the store; access tokens by their session's id. */
export class SessionsService {
  readonly #db: SiteDb
  readonly #clock: Clock
  readonly #log: Log
  readonly #actors: ActorLookup
  readonly #audit: AuditService
  readonly #lockAfter: () => number | null
  /** Emit it after a session is deleted anywhere: its sockets close. */
  readonly ended: Topic<{ sessionId: string }>

  constructor({ db, clock, log, actors, audit, lockAfter }: SessionsDependencies) {
    this.#db = db
    this.#clock = clock
    this.#log = log
    this.#actors = actors
    this.#audit = audit
    this.#lockAfter = lockAfter
    this.ended = new Topic((err) => this.#log.error({ err }, 'a session that ended was not followed'))
  }

  /** A browser's session, for somebody who has proved who they are. @throws ExpectedError as `open` */
  async openBrowser(userId: string, session: NewSession, audit: AuditDraft): Promise<SignedIn> {
    const token = randomBytes(32).toString('base64url')
    const now = this.#clock.now()
    const kept = { kind: 'browser' as const, tokenHash: hashToken(token), expiresAt: now + IDLE }
    const actor = await this.open(userId, { ...session, ...kept }, audit)
    return { actor, token, expiresAt: now + LONGEST }
  }

  /**
   * Opens a session with its entry in the audit, and what else belongs into the same transaction.
   * @throws ExpectedError `account_without_tenant`; `wrong_credentials`, `account_suspended`, `sign_on_unknown` where the
   * proof does not hold any more
   */
  async open(
    userId: string,
    session: NewSession & { kind: 'browser' | 'api'; tokenHash: string | null; expiresAt: number },
    audit: AuditDraft,
    alsoIn: (trx: SiteTrx, sessionId: string) => Promise<unknown> = async () => undefined,
  ): Promise<PersonActor> {
    const { from, proof, tenantId = null, kind, tokenHash, expiresAt } = session
    const providerId = 'providerId' in proof ? proof.providerId : null
    const now = this.#clock.now()
    const id = uuid7(now)
    const actor = await this.#actors.person({
      sessionId: id,
      userId,
      tenantId,
      isSignOn: providerId !== null,
    })
    // Their tenant is suspended, or they are in none any more, or not in the one they asked for.
    if (actor.kind !== 'user' || (tenantId !== null && actor.tenantId !== tenantId))
      throw new ExpectedError('account_without_tenant')
    audit.subject = { ...audit.subject, actor: auditActor(actor) }
    audit.tenantId = actor.tenantId
    await this.#db.transaction().execute(async (trx) => {
      await requireProof(trx, userId, proof)
      await repository.insertSession(trx, {
        id,
        kind,
        tokenHash,
        userId,
        // A program stays in the tenant that it began in, whatever becomes of that.
        tenantId: kind === 'api' ? actor.tenantId : tenantId,
        providerId,
        createdAt: now,
        expiresAt,
        lastSeenAt: now,
        address: from.address,
        userAgent: from.userAgent.slice(0, 300),
      })
      await repository.updateUser(trx, userId, { lastLoginAt: now })
      const seen = { userId, network: networkOf(from.address), lastAt: now }
      await repository.rememberNetwork(trx, seen, USUAL_NETWORKS)
      await alsoIn(trx, id)
      await this.#audit.recordIn(trx, audit)
    })
    await repository.deleteExpiredSessions(this.#db, now)
    return actor
  }

  /** Who holds a browser's token; anonymous when it is unknown or expired. Prolongs a session in use. */
  async resolve(token: string | null): Promise<Actor> {
    if (token === null || token.length > 100) return anonymous
    return this.#actorOf(await repository.sessionByToken(this.#db, hashToken(token)))
  }

  /** Who has a session of access tokens; anonymous when it has ended. */
  async resolveApi(sessionId: string): Promise<Actor> {
    const session = await repository.sessionById(this.#db, sessionId)
    return this.#actorOf(session?.kind === 'api' ? session : undefined)
  }

  /** Which session a browser's token is of. */
  async idOf(token: string | null): Promise<string | null> {
    if (token === null || token.length > 100) return null
    return (await repository.sessionByToken(this.#db, hashToken(token)))?.id ?? null
  }

  async #actorOf(session: repository.Session | undefined): Promise<Actor> {
    const now = this.#clock.now()
    if (session === undefined || session.expiresAt <= now) return anonymous
    const locked = isLocked(session, now, this.#lockAfter())
    if (!locked && now - session.lastSeenAt > TOUCH) await this.#touch(session, now)
    const { id: sessionId, userId, tenantId, providerId } = session
    const isSignOn = providerId !== null
    return this.#actors.person({ sessionId, userId, tenantId, isSignOn, isLocked: locked })
  }

  async #touch({ id, kind, createdAt, expiresAt }: repository.Session, now: number): Promise<void> {
    // What API users hold is prolonged by their refresh tokens.
    const until = kind === 'browser' ? Math.min(now + IDLE, createdAt + LONGEST) : expiresAt
    try {
      await repository.touchSession(this.#db, id, { lastSeenAt: now, expiresAt: until })
    } catch (err) {
      // A full disk must not keep people from seeing that it is full.
      this.#log.warn({ err }, 'a session could not be prolonged')
    }
  }

  /** From here on the session acts in this tenant; null: the whole site. Its open streams end within a second. */
  async actIn(sessionId: string, tenantId: string | null, audit: AuditDraft): Promise<void> {
    await this.#db.transaction().execute(async (trx) => {
      await repository.updateSession(trx, sessionId, { tenantId })
      await this.#audit.recordIn(trx, audit)
    })
  }

  /** Ends a session, with its entry in the audit; where there is none nothing happens and nothing is recorded. */
  async end(sessionId: string | null, audit: AuditDraft): Promise<void> {
    if (sessionId === null) return audit.nothingChanged()
    await this.#db.transaction().execute(async (trx) => {
      if (await repository.deleteSession(trx, sessionId)) await this.#audit.recordIn(trx, audit)
      else audit.nothingChanged()
    })
    this.ended.emit({ sessionId })
  }
}

/** Between the check and now a password may have been changed, an account suspended, a provider turned off. */
async function requireProof(trx: SiteTrx, userId: string, proof: Proof): Promise<void> {
  const user = await userById(trx, userId)
  if ('providerId' in proof) {
    if (user?.state !== 'active') throw new ExpectedError('account_suspended')
    if (!(await repository.isProviderOn(trx, proof.providerId))) throw new ExpectedError('sign_on_unknown')
  } else if (user?.state !== 'active' || user.passwordHash !== proof.passwordHash)
    throw new ExpectedError('wrong_credentials')
}

export function hashToken(token: string): string {
  return createHash('sha256').update(token).digest('hex')
}
