/** One entry of `packages` in a package-lock.json of version 3, as far as this tool reads and writes it. */
export interface LockEntry {
  version?: string
  dev?: boolean
  optional?: boolean
  os?: string[]
  cpu?: string[]
  libc?: string[]
  optionalDependencies?: Record<string, string>
  [key: string]: unknown
}

export type LockPackages = Record<string, LockEntry>

export interface MissingEntry {
  name: string
  version: string
  /** The lock path of the package that names it as optional. */
  wantedBy: string
}

const systems = ['android', 'darwin', 'freebsd', 'linux', 'openharmony', 'win32']
const processors = ['arm64', 'x64', 'ia32', 'ppc64', 'riscv64', 's390x', 'arm']

/**
 * The optional packages that the lock names but has no entry for. npm leaves them out when the registry it asked
 * does not carry them (a mirror with some platforms only), and `npm ci` then refuses the lock everywhere.
 */
export function missingEntries(packages: LockPackages): MissingEntry[] {
  const missing: MissingEntry[] = []
  for (const [path, entry] of Object.entries(packages)) {
    for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
      if (!isLocked(packages, path, name)) missing.push({ name, version, wantedBy: path })
    }
  }
  return missing
}

/**
 * The lock's packages with an entry for each missing one, in npm's order. The entry has no `integrity`: that comes
 * by itself when npm next writes the lock against a registry that carries the package.
 * @throws Error for a package whose name or version does not say which platform and release it is.
 */
export function completeLock(packages: LockPackages): LockPackages {
  const completed: LockPackages = { ...packages }
  for (const { name, version, wantedBy } of missingEntries(packages)) {
    if (!/^\d+\.\d+\.\d+(?:-[\w.-]+)?$/.test(version))
      throw new Error(`${wantedBy} wants ${name} ${version}: not an exact version`)
    const { os, cpu, libc } = platformOf(name)
    // The keys in npm's order, so that its next write changes nothing.
    completed[`node_modules/${name}`] = {
      version,
      cpu,
      ...(packages[wantedBy]?.dev === true ? { dev: true } : {}),
      ...(libc === undefined ? {} : { libc }),
      optional: true,
      os,
    }
  }
  // npm writes the root first and the rest by name, as `localeCompare` of English orders them.
  return Object.fromEntries(Object.entries(completed).toSorted(([a], [b]) => a.localeCompare(b, 'en')))
}

/** Reads `os`, `cpu` and `libc` out of a platform package's name, such as `@oxlint/binding-linux-x64-musl`. */
export function platformOf(name: string): { os: string[]; cpu: string[]; libc?: string[] } {
  const words = name.split(/[/-]/)
  const os = systems.find((system) => words.includes(system))
  const cpu = processors.find((processor) => words.includes(processor))
  if (os === undefined || cpu === undefined) throw new Error(`${name} does not name its platform`)
  const libc = words.some((word) => word.startsWith('musl'))
    ? 'musl'
    : words.some((word) => word.startsWith('gnu'))
      ? 'glibc'
      : null
  return { os: [os], cpu: [cpu], ...(os === 'linux' && libc !== null ? { libc: [libc] } : {}) }
}

/** Looks a package up as Node does: in `node_modules` of the asking package's folder and of each folder above it. */
function isLocked(packages: LockPackages, from: string, name: string): boolean {
  for (let folder = from; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf('/node_modules/')))) {
    if (packages[folder === '' ? `node_modules/${name}` : `${folder}/node_modules/${name}`] !== undefined)
      return true
    if (folder === '') return false
  }
}
