import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { listPackage, statFile } from '@electron/asar'
import { FuseV1Options, getCurrentFuseWire } from '@electron/fuses'
import { FuseState } from '@electron/fuses/dist/constants.js'

/** quality.md: an installer below 160 MB. Electron's own part of it, compressed, is about 110 MB. */
const OWN_BYTES = 50 * 1024 * 1024

/** Of SQLite, Argon2 and the serial ports. */
const NATIVE_PARTS = 3

/** How each fuse has to be: security.md, "HTTP and UI", Electron. */
const fuses: readonly [FuseV1Options, boolean][] = [
  [FuseV1Options.RunAsNode, false],
  [FuseV1Options.EnableNodeOptionsEnvironmentVariable, false],
  [FuseV1Options.EnableNodeCliInspectArguments, false],
  [FuseV1Options.EnableCookieEncryption, true],
  [FuseV1Options.EnableEmbeddedAsarIntegrityValidation, true],
  [FuseV1Options.OnlyLoadAppFromAsar, true],
  [FuseV1Options.LoadBrowserProcessSpecificV8Snapshot, false],
  [FuseV1Options.GrantFileProtocolExtraPrivileges, false],
]

/** What must be in the archive for the program to start at all. */
const needed = [
  'package.json',
  'dist/main/desktop/shell/main.js',
  'dist/main/desktop/utility/main.js',
  'dist/preload/index.cjs',
  'dist/renderer/index.html',
  'dist/renderer/api-docs/standalone.js',
  'resources/icons/icon.png',
  'resources/icons/tray.png',
]

export interface PackageReport {
  /** Paths inside the archive, with `/`. */
  files: string[]
  /** Files that lie beside the archive, from the resources folder. */
  unpacked: string[]
  /** Bytes of the archive and what lies beside it. */
  bytes: number
  /** What is wrong, in words; empty for a good package. */
  problems: string[]
}

export interface PackageExpectation {
  /** Folder that holds the executable. */
  appDir: string
  executable: string
  platform: string
  arch: string
  /** Packages that must not be in it: the devDependencies. */
  devDependencies: readonly string[]
}

/** Looks into an unpacked package, as electron-builder's `dir` target leaves it. */
export async function checkPackage(expectation: PackageExpectation): Promise<PackageReport> {
  const resources = join(expectation.appDir, 'resources')
  const archive = join(resources, 'app.asar')
  const entries = listPackage(archive, { isPack: false }).map((path) => path.split(sep).join('/').slice(1))
  const files = entries.filter((path) => !('files' in statFile(archive, path)))
  const beside = filesBelow(join(resources, 'app.asar.unpacked'))
  const unpacked = beside.map((path) => relative(resources, path).split(sep).join('/'))
  const bytes = [archive, ...beside].reduce((sum, path) => sum + statSync(path).size, 0)
  const problems = [
    ...needed.filter((path) => !files.includes(path)).map((path) => `${path} is missing`),
    ...files.flatMap((path) => describeStray(path, expectation)),
    ...unpacked.filter((path) => !path.endsWith('.node')).map((path) => `${path} lies outside the archive`),
    ...(unpacked.length === NATIVE_PARTS
      ? []
      : [`${unpacked.length} native parts instead of ${NATIVE_PARTS}: ${unpacked.join(', ')}`]),
    ...(await wrongFuses(join(expectation.appDir, expectation.executable))),
    ...(bytes > OWN_BYTES
      ? [`${(bytes / 2 ** 20).toFixed(0)} MiB of its own is too much for the installer`]
      : []),
  ]
  return { files, unpacked, bytes, problems }
}

function describeStray(path: string, { platform, arch, devDependencies }: PackageExpectation): string[] {
  const name = /^node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1]
  if (name === undefined) {
    if (!/^(dist\/|resources\/icons\/|package\.json$)/.test(path))
      return [`${path} does not belong in a package`]
    return /\.(ts|tsx|map)$|\.test\./.test(path) ? [`${path} is a source`] : []
  }
  if (devDependencies.includes(name)) return [`${path} is of a development package`]
  if (/^(@millwright\/|node-(linux|win)-)/.test(name)) return [`${path} is Node itself, which Electron has`]
  // One file for both processors of a Mac.
  const builds = [`${platform}-${arch}`, ...(platform === 'darwin' ? ['darwin-x64+arm64'] : [])]
  if (path.endsWith('.node') && !builds.some((build) => path.includes(build)))
    return [`${path} is for another machine`]
  if (/\.(ts|mts|cts|map|c|cc|cpp|h|gyp)$/.test(path)) return [`${path} is a source`]
  return []
}

async function wrongFuses(executable: string): Promise<string[]> {
  const wire = await getCurrentFuseWire(executable)
  return fuses
    .filter(([fuse, on]) => wire[fuse] !== (on ? FuseState.ENABLE : FuseState.DISABLE))
    .map(([fuse, on]) => `the fuse ${FuseV1Options[fuse]} is not ${on ? 'on' : 'off'}`)
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
}

/** The devDependencies that no production package brings along as well. */
export function developmentOnly(root: string): string[] {
  const manifest: { devDependencies: Record<string, string> } = JSON.parse(
    readFileSync(join(root, 'package.json'), 'utf8'),
  )
  const lock: { packages: Record<string, { dev?: boolean; devOptional?: boolean }> } = JSON.parse(
    readFileSync(join(root, 'package-lock.json'), 'utf8'),
  )
  return Object.keys(manifest.devDependencies).filter(
    (name) => lock.packages[`node_modules/${name}`]?.dev === true,
  )
}
