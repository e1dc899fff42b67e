import { readdir, readFile, readlink, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { SystemPaths } from './system-paths.ts'

/** A program that has a port open. Null is what the system does not tell. */
export interface PortHolder {
  program: string | null
  pid: number | null
}

/**
 * Who has these ports open, other than this process: by the open files of all programs that we may look into (our
 * own without root), and by the lock files of the old custom.
 */
export async function findHolders(
  paths: readonly string[],
  system: SystemPaths,
): Promise<Map<string, PortHolder>> {
  const holders = new Map<string, PortHolder>()
  if (paths.length === 0) return holders
  const wanted = new Set(paths)
  for (const pid of await pidsIn(system.proc)) {
    for (const file of await openFilesOf(system.proc, pid)) {
      if (wanted.has(file) && !holders.has(file)) {
        holders.set(file, { program: await programOf(system.proc, pid), pid })
      }
    }
  }
  for (const path of paths) {
    const holder = holders.has(path) ? undefined : await holderByLockFile(path, system)
    if (holder !== undefined) holders.set(path, holder)
  }
  return holders
}

/**
 * Who locked a simulated port. Its simulator has the same terminal open for as long as it plays, so open files do
 * not tell; `flock`, which every line of ours takes, does. proc_locks(5).
 */
export async function findLocker(path: string, system: SystemPaths): Promise<PortHolder | undefined> {
  const { dev, ino } = await stat(path).catch(() => ({ dev: 0, ino: 0 }))
  const hex = (value: number): string => value.toString(16).padStart(2, '0')
  // Linux makedev: 12 bits of major above 8 of minor, as far as devices in use go.
  const place = `${hex(Math.floor(dev / 256) & 0xfff)}:${hex(dev & 0xff)}:${ino}`
  const text = await readFile(join(system.proc, 'locks'), 'utf8').catch(() => '')
  for (const line of text.split('\n')) {
    const lock = /^\d+: FLOCK\s+\S+\s+\S+\s+(-?\d+) (\S+)/.exec(line)
    if (lock?.[2] !== place || Number(lock[1]) === process.pid) continue
    const pid = Number(lock[1]) > 0 ? Number(lock[1]) : null
    return { program: pid === null ? null : await programOf(system.proc, pid), pid }
  }
  return undefined
}

async function pidsIn(proc: string): Promise<number[]> {
  const names = await readdir(proc).catch(() => [])
  return names
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => pid !== process.pid)
}

async function openFilesOf(proc: string, pid: number): Promise<string[]> {
  const folder = join(proc, String(pid), 'fd')
  // Other people's programs may not be looked into; programs end while we look.
  const names = await readdir(folder).catch(() => [])
  return Promise.all(names.map((name) => readlink(join(folder, name)).catch(() => '')))
}

async function programOf(proc: string, pid: number): Promise<string | null> {
  const name = await readFile(join(proc, String(pid), 'comm'), 'utf8').catch(() => '')
  return name.trim() || null
}

/** `LCK..ttyUSB0` with a process id in it. Filesystem Hierarchy Standard 3.0, 5.9. */
async function holderByLockFile(path: string, system: SystemPaths): Promise<PortHolder | undefined> {
  const text = await readFile(join(system.locks, `LCK..${basename(path)}`), 'utf8').catch(() => '')
  const pid = Number(text.trim().split(/\s/)[0])
  if (!Number.isInteger(pid) || pid <= 0 || pid === process.pid) return undefined
  const program = await programOf(system.proc, pid)
  // A program that ended without clearing up holds nothing.
  return program === null ? undefined : { program, pid }
}
