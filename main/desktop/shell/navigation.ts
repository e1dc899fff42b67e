import { originOf, SHELL_ORIGIN, UI_ORIGIN } from './origins.ts'

/** What the crash page's links ask of the shell. */
export type ShellCommand = 'retry' | 'open-log' | 'open-data-folder' | 'choose-data-folder' | 'quit'

const commands: readonly string[] = [
  'retry',
  'open-log',
  'open-data-folder',
  'choose-data-folder',
  'quit',
] satisfies ShellCommand[]

export type NavigationDecision =
  | { kind: 'allow' }
  | { kind: 'deny' }
  | { kind: 'command'; command: ShellCommand }
  /** Handed to the person's own browser. */
  | { kind: 'browser'; url: string }

export interface NavigationContext {
  /** The page that asks. */
  from: string
  /** Origins of this site, the best one first; empty while no engine runs. */
  siteOrigins: readonly string[]
  /** The running site's origin when the window is attached to one. */
  attachedOrigin: string | null
}

const deny: NavigationDecision = { kind: 'deny' }

/** Decides a navigation that a page started. Only this program's own pages and this site's addresses are let through. */
export function decideNavigation(to: string, context: NavigationContext): NavigationDecision {
  const from = originOf(context.from)
  const target = originOf(to)
  if (from === SHELL_ORIGIN) return target === SHELL_ORIGIN ? decideCommand(to) : deny
  if (from === UI_ORIGIN && target === UI_ORIGIN) {
    // Pages that only the engine serves: the API reference, the certificates. They open where their address is.
    const { pathname, search, hash } = new URL(to)
    if (!/^\/(api|pki)\//.test(pathname)) return { kind: 'allow' }
    const site = context.siteOrigins[0]
    return site ? { kind: 'browser', url: `${site}${pathname}${search}${hash}` } : deny
  }
  if (from !== null && from === context.attachedOrigin && target === from) return { kind: 'allow' }
  return decideNewWindow(to, context)
}

/** New windows are never opened; links to this site go to the person's browser. */
export function decideNewWindow(to: string, context: NavigationContext): NavigationDecision {
  const target = originOf(to)
  if (target === UI_ORIGIN && originOf(context.from) === UI_ORIGIN) {
    const decision = decideNavigation(to, context)
    return decision.kind === 'browser' ? decision : deny
  }
  const known = [...context.siteOrigins, context.attachedOrigin]
  if (target !== null && /^https?:/.test(target) && known.includes(target))
    return { kind: 'browser', url: to }
  return deny
}

function decideCommand(to: string): NavigationDecision {
  const command = new URL(to).pathname.slice(1)
  return commands.includes(command) ? { kind: 'command', command: command as ShellCommand } : deny
}
