import { createHash, randomBytes } from 'node:crypto'
import { ExpectedError } from '#contract/errors.ts'
import type { SiteDb } from '#platform/db/site-db.ts'
import type { CloudConnection } from '#platform/postgres/cloud-connection.ts'
import type { Sealer } from '#platform/secrets/sealing.ts'
import { adopt, type Greeting, hello } from './cloud-calls.ts'
import * as repository from './link.repository.ts'

export interface HandshakeOptions {
  db: SiteDb
  version: string
  now: () => number
  /** The cloud is as it was at an earlier time: the token that it knows is an old one of this very copy. */
  isRestored?: boolean
  /**
   * This site is as it was at an earlier time (a backup of it, taken in the session that was the last), its token still true:
   * versions of readings that the cloud has would come again, for others.
   */
  isBehind?: boolean
}

/** The cloud's answer, and how far this machine's clock is from the cloud's, ms. */
export interface Greeted extends Greeting {
  clockOffset: number
  roundTrip: number
}

/** What a copy of a site is known by. */
export function newToken(): string {
  return randomBytes(24).toString('base64url')
}

/**
 * What this installation is known by where it has no session: before it joins, and after it left. The same for each try,
 * so that one that was cut off does not stand in its own way.
 */
export function installationToken(sealer: Sealer, of: { cloudId: string; siteId: string }): string {
  const key = sealer.derive('cloud-token')
  return createHash('sha256').update(key).update(`${of.cloudId}:${of.siteId}`).digest('base64url')
}

/**
 * Says who is here for the last time.
 * @param token what the cloud is to know afterwards
 * @throws ExpectedError `cloud_copied`: what is in the cloud is the other copy's
 */
export async function sayGoodbye(
  connection: CloudConnection,
  token: string,
  options: HandshakeOptions,
): Promise<void> {
  const { db, version, now } = options
  if ((await required(db)).pendingToken !== null) await once(connection, options)
  // Where leaving breaks off, the cloud may know either.
  await repository.updateLink(db, { pendingToken: token })
  const link = await required(db)
  await say(connection, { link, tokens: [link.token, token], token, db, version, now })
  await repository.updateLink(db, { token, pendingToken: null })
}

/**
 * Says who is here under a token that is new with each session, so that two copies of a site (a restored backup, a
 * copied folder) do not both go on: the second one comes with a token that is no longer true. The new token is on
 * disk here before the cloud has it; a power cut in between costs nothing, for both are shown the next time.
 * @throws ExpectedError `cloud_copied`, `cloud_role_unknown`, `cloud_another`
 */
export async function greet(connection: CloudConnection, options: HandshakeOptions): Promise<Greeted> {
  const before = await required(options.db)
  const { isBehind = false } = options
  const greeted = await once(connection, options)
  // A token that was on its way for long may be in a copy as well: it is replaced at once.
  if (before.pendingToken === null && !isBehind) return greeted
  // Only now: an adoption asks for no token.
  return once(connection, { ...options, isRestored: isBehind, isBehind: false })
}

async function once(connection: CloudConnection, options: HandshakeOptions): Promise<Greeted> {
  const { db, version, now, isRestored = false, isBehind = false } = options
  const link = await required(db)
  const pending = link.pendingToken ?? newToken()
  if (link.pendingToken === null) await repository.updateLink(db, { pendingToken: pending })
  if (isRestored) await adopt(connection, link.siteId, pending)
  const tokens = [link.token, pending]
  const greeted = await say(connection, { link, tokens, token: pending, db, version, now, isBehind })
  const { siteKey, siteName, generation } = greeted
  await repository.updateLink(db, {
    token: pending,
    pendingToken: null,
    siteKey,
    siteName,
    generation,
    lastContactAt: now(),
    // Until what comes is numbered above all that the cloud has, it is behind.
    ...(!isBehind && { cloudSeenAt: seenAt(greeted) }),
  })
  return greeted
}

/** Whether this copy is still the linked one, without a new token. @throws as `greet` */
export async function stillLinked(
  connection: CloudConnection,
  { db, version, now }: HandshakeOptions,
): Promise<Greeted> {
  const link = await required(db)
  const tokens = [link.token]
  const greeted = await say(connection, { link, tokens, token: link.token, db, version, now })
  await repository.updateLink(db, { lastContactAt: now(), cloudSeenAt: seenAt(greeted) })
  return greeted
}

async function say(
  connection: CloudConnection,
  {
    link,
    tokens,
    token,
    db,
    version,
    now,
    isBehind = false,
  }: HandshakeOptions & { link: repository.LinkRow; tokens: string[]; token: string },
): Promise<Greeted> {
  const askedAt = Math.round(now())
  // Where the answer is lost, the cloud has seen more of this site than it remembers: known again by this, it is no backup.
  if (!isBehind) await repository.updateLink(db, { helloAt: askedAt })
  const asked = performance.now()
  const answer = await hello(connection, {
    siteId: link.siteId,
    tokens,
    newToken: token,
    version,
    now: askedAt,
  })
  const roundTrip = performance.now() - asked
  switch (answer.result) {
    case 'ok':
      return { ...answer, roundTrip, clockOffset: Math.round(askedAt + roundTrip / 2 - answer.cloudNow) }
    case 'copied':
      // Restored a moment ago, with an old token of this very copy.
      if (isEarlier(seenAt(answer), link.cloudSeenAt)) throw restored(link)
      throw new ExpectedError('cloud_copied', { at: timeText(answer.lastSeenAt) })
    case 'unknown_site':
      throw new ExpectedError('cloud_role_unknown', { username: link.username })
  }
}

/** Whether one side remembers less of when the site was seen last than the cloud had said, ms. */
export function isEarlier(remembered: number | null, said: number | null): boolean {
  return said !== null && (remembered === null || remembered < said - 1_000)
}

/** The session ends; the next one sees to what the cloud lost. */
export function restored({ host }: repository.LinkRow): ExpectedError {
  const cause = 'the cloud was restored from a backup'
  return new ExpectedError('cloud_link_lost', { host, step: 'holding the session', cause })
}

/** A time as Postgres writes it, in ISO 8601. */
export function timeText(time: string | null): string {
  return time === null ? '?' : new Date(time).toISOString()
}

function seenAt({ lastSeenAt }: Greeting): number | null {
  return lastSeenAt === null ? null : Date.parse(lastSeenAt)
}

async function required(db: SiteDb): Promise<repository.LinkRow> {
  const link = await repository.linkRow(db)
  if (link === undefined) throw new ExpectedError('cloud_not_joined')
  return link
}
