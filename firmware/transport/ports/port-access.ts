import { access, constants, readFile, stat } from 'node:fs/promises'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import type { PortAccess } from '#contract/model/serial-port.ts'
import { findHolders, findLocker, type PortHolder } from './port-holder.ts'
import type { SystemPaths } from './system-paths.ts'

export type FindHolders = typeof findHolders

/**
 * Whether ports open, without opening them: that would reset boards. Windows and macOS tell only at opening.
 *
 * @param simulated those of `paths` that are simulated
 * @param holdersOf looks for the programs that hold real ports; it costs the most
 */
export async function portAccess(
  paths: readonly string[],
  simulated: ReadonlySet<string>,
  system: SystemPaths,
  holdersOf: FindHolders = findHolders,
): Promise<Map<string, PortAccess>> {
  const found = new Map<string, PortAccess>(paths.map((path) => [path, { state: 'free' }]))
  if (process.platform !== 'linux') return found
  const holders = await holdersOf(
    paths.filter((path) => !simulated.has(path)),
    system,
  )
  for (const path of paths) {
    const holder: PortHolder | undefined = simulated.has(path)
      ? await findLocker(path, system)
      : holders.get(path)
    const denied = await deniedAccess(path, system)
    if (denied !== undefined) found.set(path, denied)
    else if (holder !== undefined) found.set(path, { state: 'busy', ...holder })
  }
  return found
}

/** Undefined where this account may read and write it, or it is gone. */
export async function deniedAccess(
  path: string,
  system: SystemPaths,
): Promise<Extract<PortAccess, { state: 'denied' }> | undefined> {
  try {
    await access(path, constants.R_OK | constants.W_OK)
    return undefined
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EACCES') return undefined
  }
  return describeDenied(await groupThatMay(path, system), userName())
}

/** As a command names this account: its number where it has no entry in passwd, as in many containers. */
export function userName(look: () => { username: string } = userInfo): string {
  try {
    return look().username
  } catch {
    return String(process.getuid?.() ?? '')
  }
}

/** The group that opens a port and what makes somebody a member. */
export function describeDenied(group: string | null, user: string): Extract<PortAccess, { state: 'denied' }> {
  // A port of group root is for root: there the rule of udev helps, and no membership should.
  const command = group === null || group === 'root' ? null : `sudo usermod -aG ${group} ${user}`
  return { state: 'denied', group, command }
}

async function groupThatMay(path: string, system: SystemPaths): Promise<string | null> {
  const info = await stat(path).catch(() => undefined)
  if (info === undefined || (info.mode & 0o060) !== 0o060) return null
  const lines = (await readFile(join(system.etc, 'group'), 'utf8').catch(() => '')).split('\n')
  return lines.find((line) => line.split(':')[2] === String(info.gid))?.split(':')[0] ?? null
}
