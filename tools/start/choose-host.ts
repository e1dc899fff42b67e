/** What the choice between the two hosts depends on. */
export interface Machine {
  platform: NodeJS.Platform
  env: NodeJS.ProcessEnv
  /** Effective user id; undefined where there is none (Windows). */
  uid: number | undefined
  args: readonly string[]
}

export type HostChoice = { host: 'desktop' } | { host: 'site'; why: string }

/** Which host can run here: the desktop where there is a display for it, the site host otherwise. */
export function chooseHost(machine: Machine): HostChoice {
  if (machine.args.includes('--demo')) return site('the demo is a throw-away site for the browser')
  if (machine.args.includes('--site')) return site('--site asks for it')
  if (machine.platform === 'linux') {
    if (!machine.env['DISPLAY'] && !machine.env['WAYLAND_DISPLAY']) return site('there is no display')
    // Chromium's sandbox does not run as root, and without it the desktop host does not run at all.
    if (machine.uid === 0) return site('the desktop does not run as root')
  } else if (machine.platform !== 'win32' && machine.platform !== 'darwin') {
    return site(`there is no desktop for ${machine.platform}`)
  }
  if (machine.env['SSH_CONNECTION'] && machine.platform !== 'linux') return site('this is a remote session')
  return { host: 'desktop' }
}

function site(why: string): HostChoice {
  return { host: 'site', why }
}
