import { homedir } from 'node:os'
import { join, resolve } from 'node:path'

/** Where the data of a site lies when nobody says otherwise: one place for both hosts, so that the desktop finds a running site. */
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
      return join(env['XDG_DATA_HOME'] || join(home, '.local', 'share'), 'millwright')
  }
}

/** The data folder of this start: the flag `--data`, else `MILLWRIGHT_DATA`, else what was chosen, else the default. */
export function chosenDataDir(argv: readonly string[], env: NodeJS.ProcessEnv, saved: string | null): string {
  const dir = dataFlag(argv) || env['MILLWRIGHT_DATA'] || saved
  return dir ? resolve(dir) : defaultDataDir(process.platform, env)
}

function dataFlag(argv: readonly string[]): string | undefined {
  const joined = argv.find((argument) => argument.startsWith('--data='))
  if (joined) return joined.slice('--data='.length)
  const at = argv.indexOf('--data')
  return at < 0 ? undefined : argv[at + 1]
}
