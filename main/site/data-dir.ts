import { homedir } from 'node:os'
import { join } from 'node:path'

/** Where a site lives when nobody says: the user's own data folder, by the custom of the system. */
export function defaultDataDir(
  env: NodeJS.ProcessEnv = process.env,
  platform: NodeJS.Platform = process.platform,
): string {
  if (platform === 'win32')
    return join(env['LOCALAPPDATA'] ?? join(homedir(), 'AppData', 'Local'), 'Millwright', 'site')
  if (platform === 'darwin') return join(homedir(), 'Library', 'Application Support', 'Millwright', 'site')
  return join(env['XDG_DATA_HOME'] || join(homedir(), '.local', 'share'), 'millwright', 'site')
}
