import { globSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'

/** What the build reads, from the repository's root. Tests are not built. */
const inputs = [
  '{cloud,contract,main,broker,firmware,preload,renderer}/**/*.{ts,tsx,css,html,svg,png,json}',
  'resources/**/*.{json,svg,png}',
  'package.json',
  'package-lock.json',
  'vite.config.ts',
]

/** Written as the build's last act: a build that was cut short has none. */
export const STAMP = 'dist/build.json'

export interface BuildStamp {
  /** When the build began to read, ms: files changed later are not in it. */
  startedAt: number
  /** How many files it was made of: deleting one makes the build stale too. */
  files: number
}

/** Whether `dist` holds a whole build of the present sources. A check by time and count; takes tens of milliseconds. */
export function buildState(root: string): 'missing' | 'stale' | 'fresh' {
  const stamp = readStamp(root)
  if (!stamp) return 'missing'
  const { newest, files } = measureSources(root)
  return newest > stamp.startedAt || files !== stamp.files ? 'stale' : 'fresh'
}

export function measureSources(root: string): { newest: number; files: number } {
  let newest = 0
  let files = 0
  for (const path of globSync(inputs, {
    cwd: root,
    exclude: ['**/node_modules', '**/*.test.ts', '**/*.test.tsx'],
  })) {
    // A file that another program just removed counts as not there.
    const status = statSync(join(root, path), { throwIfNoEntry: false })
    if (!status) continue
    files += 1
    newest = Math.max(newest, status.mtimeMs)
  }
  return { newest, files }
}

function readStamp(root: string): BuildStamp | null {
  try {
    const stamp = JSON.parse(readFileSync(join(root, STAMP), 'utf8')) as Partial<BuildStamp>
    return typeof stamp.startedAt === 'number' && typeof stamp.files === 'number'
      ? (stamp as BuildStamp)
      : null
  } catch {
    return null
  }
}
