import type { SiteDb, SiteTrx } from '#platform/db/site-db.ts'
import type { Session } from './identity.repository.ts'

/**
 * Whether a session answers nothing until the password is given again. Only the site decides: a window that was closed,
 * a machine that slept, a script that holds the cookie find it locked all the same.
 *
 * @param after ms without a person at it; null: only those locked by hand are
 */
export function isLocked(session: Session, now: number, after: number | null): boolean {
  // What API users hold has no screen to walk away from.
  if (session.kind !== 'browser') return false
  if (session.lockedAt !== null) return true
  return after !== null && now - (session.activeAt ?? session.createdAt) > after
}

/** A person was seen at the session. A locked one stays locked: its password opens it. */
export function noteActive(db: SiteDb, sessionId: string, now: number) {
  return db
    .updateTable('sessions')
    .set({ activeAt: now })
    .where('id', '=', sessionId)
    .where('lockedAt', 'is', null)
    .execute()
}

export function lockSession(trx: SiteTrx, sessionId: string, now: number) {
  return trx.updateTable('sessions').set({ lockedAt: now }).where('id', '=', sessionId).execute()
}

export function unlockSession(trx: SiteTrx, sessionId: string, now: number) {
  return trx
    .updateTable('sessions')
    .set({ lockedAt: null, activeAt: now })
    .where('id', '=', sessionId)
    .execute()
}
