import { api, readError } from './client.ts'
import { askWhoIsThere, showLocked } from './session.ts'

/** The window is locked, and the site does not know yet. */
let owed = false

/** Locks the session: at once in this window, and at the site as soon as it can be reached. */
export async function lockSession(): Promise<void> {
  owed = true
  showLocked()
  await tellSite()
}

/** Whether another window of the same browser has opened the session meanwhile. */
export async function lookWhetherUnlocked(): Promise<void> {
  await tellSite()
  if (!owed) await askWhoIsThere()
}

async function tellSite(): Promise<void> {
  if (!owed) return
  try {
    await api.account.lock()
    owed = false
  } catch (error) {
    const { code } = readError(error)
    if (code === 'session_locked' || code === 'not_signed_in') owed = false
  }
}
