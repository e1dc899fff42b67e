import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { flagValue } from './site-flags.ts'

/** Where the data of a site lies when nobody says otherwise: the place of `main/site/data-dir.ts`, so that the desktop finds a running site. */
export function defaultDataDir(
  platform: NodeJS.Platform = process.platform,
  env: NodeJS.ProcessEnv = process.env,
  home: string = homedir(),
): string {
  switch (platform) {
    case 'win32':
      // Not the roaming profile: a store of telemetry must not travel to another PC at log-off.
      return join(env['LOCALAPPDATA'] || join(home, 'AppData', 'Local'), 'Millwright', 'site')
    case 'darwin':
      return join(home, 'Library', 'Application Support', 'Millwright', 'site')
    default:
      return join(env['XDG_DATA_HOME'] || join(home, '.local', 'share'), 'millwright', 'site')
  }
}

/** The data folder of this start: the flag `--data`, else `MILLWRIGHT_DATA`, else what was chosen, else the default. */
export function chosenDataDir(argv: readonly string[], env: NodeJS.ProcessEnv, saved: string | null): string {
  const dir = flagValue(argv, '--data') || env['MILLWRIGHT_DATA'] || saved
  return dir ? resolve(dir) : defaultDataDir(process.platform, env)
}
