import { api } from '../api/client.ts'
import { endSession } from '../api/session.ts'

/** Ends the session at the site, then forgets everything here. A reload leaves nothing of the person in memory. */
export async function signOut(): Promise<void> {
  await api.auth.logout().catch(() => {})
  endSession()
  location.assign('/login')
}
