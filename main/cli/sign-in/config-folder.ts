import { homedir } from 'node:os'
import { join } from 'node:path'

/** Where the command line keeps what is the user's own, by the custom of the system. */
export function configFolder(
  env: NodeJS.ProcessEnv = process.env,
  platform: NodeJS.Platform = process.platform,
): string {
  if (platform === 'win32') return join(env['APPDATA'] ?? join(homedir(), 'AppData', 'Roaming'), 'Millwright')
  if (platform === 'darwin') return join(homedir(), 'Library', 'Application Support', 'Millwright')
  return join(env['XDG_CONFIG_HOME'] || join(homedir(), '.config'), 'millwright')
}
