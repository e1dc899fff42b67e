import { posix } from 'node:path'

/** What the files of one folder may import. A file belongs to the area with the longest folder that holds it. */
interface Area {
  readonly folder: string
  /** Other areas it may import from; its own files always. `everything` is for code that no product code imports. */
  readonly imports: readonly string[] | 'everything'
  /** The only packages it may import; any where left out. A trailing `/*` stands for a whole scope or package. */
  readonly packages?: readonly string[]
  /** Whether it runs where Node's own modules are not there. */
  readonly withoutNode?: true
}

/** docs/development.md tells this table in words; the oxlint rule `millwright/layers` enforces it. */
export const areas: readonly Area[] = [
  { folder: 'contract', imports: [], packages: ['zod', '@orpc/contract'], withoutNode: true },
  {
    folder: 'renderer',
    imports: ['contract', 'resources'],
    packages: [
      'react',
      'react-dom/*',
      '@mantine/*',
      '@tanstack/*',
      'uplot/*',
      'uqr',
      'jsqr',
      'i18next',
      'react-i18next',
      'zod',
      '@orpc/client/*',
      '@orpc/contract',
    ],
    withoutNode: true,
  },
  { folder: 'preload', imports: ['contract'], packages: ['electron'], withoutNode: true },
  { folder: 'broker', imports: ['contract'] },
  { folder: 'firmware', imports: ['contract'] },
  { folder: 'main/platform', imports: ['contract'] },
  { folder: 'main/platform/postgres', imports: ['contract', 'main/platform', 'cloud'] },
  // The schema of the shared Postgres, and what makes it.
  { folder: 'cloud', imports: ['contract'], packages: ['pg', 'kysely'] },
  { folder: 'main/features', imports: ['contract', 'main/platform'] },
  {
    folder: 'main/features/sync',
    imports: ['contract', 'main/platform', 'main/platform/postgres', 'main/features', 'cloud'],
  },
  { folder: 'main/http', imports: ['contract', 'main/platform', 'main/features', 'main/features/sync'] },
  {
    folder: 'main/engine',
    imports: [
      'contract',
      'main/platform',
      'main/platform/postgres',
      'main/features',
      'main/features/sync',
      'main/http',
      'broker',
      'firmware',
      'cloud',
    ],
  },
  // The typed REST client of the contract, for everything that talks to a site from outside.
  { folder: 'main/client', imports: ['contract'] },
  { folder: 'main/simulator', imports: ['contract', 'main/client'] },
  // The demo is a site with simulated gateways.
  {
    folder: 'main/site',
    imports: ['contract', 'main/platform', 'main/engine', 'main/client', 'main/simulator'],
  },
  // The command line starts the site host (`serve`) and otherwise speaks to a running site.
  {
    folder: 'main/cli',
    imports: [
      'contract',
      'main/platform',
      'main/engine',
      'main/site',
      'main/client',
      'main/simulator',
      'firmware',
      'cloud',
      'main/platform/postgres',
    ],
  },
  { folder: 'main/desktop', imports: ['contract'] },
  { folder: 'main/desktop/utility', imports: ['contract', 'main/desktop', 'main/engine'] },
  { folder: 'main/desktop/shell', imports: ['contract', 'main/desktop'] },
  {
    folder: 'main/desktop/testing',
    imports: ['contract', 'main/desktop', 'main/desktop/shell', 'main/desktop/utility'],
  },
  { folder: 'resources', imports: [], packages: [], withoutNode: true },
  { folder: 'tests', imports: 'everything' },
  { folder: 'bench', imports: 'everything' },
  { folder: 'tools', imports: 'everything' },
]

/** Packages with a home: nobody else may import them, tests and tools included where not named. */
const packageHomes: readonly { readonly package: string; readonly homes: readonly string[] }[] = [
  { package: 'electron', homes: ['main/desktop', 'preload'] },
  { package: 'fastify', homes: ['main/http', 'main/engine', 'tests', 'bench'] },
  { package: '@fastify/*', homes: ['main/http', 'tests'] },
  { package: 'serialport', homes: ['firmware', 'tests', 'bench'] },
  { package: 'esptool-js', homes: ['firmware', 'tests', 'bench'] },
  { package: 'pg', homes: ['cloud', 'main/platform/postgres', 'main/features/sync', 'tests', 'bench'] },
  { package: 'pg-copy-streams', homes: ['main/features/sync', 'tests', 'bench'] },
  { package: 'aedes', homes: ['broker', 'tests', 'bench'] },
  { package: 'aedes-persistence/*', homes: ['broker', 'tests'] },
  { package: 'better-sqlite3', homes: ['main/platform', 'broker', 'tests', 'bench'] },
  { package: 'commander', homes: ['main/cli', 'main/site', 'tools', 'bench'] },
]

/** Tests, and what stands beside the code for tests alone. */
const testFile = /\.(test|fixture)\.tsx?$|\/testing\//

/** Packages that only tests, tests/, tools/ and bench/ may import. */
const testPackages = ['vitest/*', 'fast-check', 'playwright-core', 'axe-core', 'tape']

/** `#name/*` of package.json `imports`, as `name` -> folder. */
export type Aliases = Readonly<Record<string, string>>

/**
 * Why this file may not import this, in a sentence for the person who wrote it; null where it may.
 * @param file path of the importing file from the repository's root, with `/`
 * @param specifier as written in the import
 */
export function refuseImport(file: string, specifier: string, aliases: Aliases): string | null {
  const area = areaOf(file)
  if (area === undefined) return null
  const isTest = testFile.test(file)
  const path = specifier.replace(/\?.*$/, '')
  if (path.startsWith('node:')) {
    return area.withoutNode === true && !isTest
      ? `${area.folder} runs without Node: ${path} is not there`
      : null
  }
  if (/^\.{1,2}(\/|$)/.test(path)) {
    if (path.startsWith('../../')) return 'Write #folder/… instead of ../../ (package.json "imports")'
    return refuseFile(area, file, posix.join(posix.dirname(file), path), isTest)
  }
  if (path.startsWith('#')) {
    const [name = '', ...rest] = path.slice(1).split('/')
    const folder = aliases[name]
    if (folder === undefined) return `#${name}/ is not one of the "imports" of package.json`
    return refuseFile(area, file, posix.join(folder, ...rest), isTest)
  }
  return refusePackage(area, path, isTest)
}

function refuseFile(area: Area, file: string, target: string, isTest: boolean): string | null {
  const targetArea = areaOf(target)
  if (!isTest && area.imports !== 'everything' && testFile.test(target)) return `${target} is for tests only`
  if (targetArea === undefined)
    return area.imports === 'everything' ? null : `${area.folder} may not import ${target}`
  if (targetArea === area) return isTest && testFile.test(target) ? null : refuseFeature(file, target)
  if (area.imports === 'everything') return null
  if (isTest && (targetArea.folder === 'tests' || testFile.test(target))) return null
  if (!area.imports.includes(targetArea.folder)) {
    const allowed = area.imports.length === 0 ? 'only its own files' : area.imports.join(', ')
    return `${area.folder} may not import ${targetArea.folder}: it may import ${allowed}`
  }
  return refuseFeature(file, target)
}

/** A feature shows the others, the engine and http its index.ts and nothing else. */
function refuseFeature(file: string, target: string): string | null {
  const feature = /^main\/features\/([^/]+)\/(.+)$/.exec(target)
  if (feature === null || file.startsWith(`main/features/${feature[1]}/`) || feature[2] === 'index.ts')
    return null
  return `Another feature is reached only through its index.ts: #features/${feature[1]}/index.ts`
}

function refusePackage(area: Area, name: string, isTest: boolean): string | null {
  if (isTest && testPackages.some((pattern) => matches(pattern, name))) return null
  for (const entry of packageHomes) {
    if (matches(entry.package, name) && !entry.homes.some((home) => isWithin(area.folder, home))) {
      return `${name} is imported only in ${entry.homes.join(', ')}`
    }
  }
  if (area.imports !== 'everything' && testPackages.some((pattern) => matches(pattern, name))) {
    return `${name} is for tests only`
  }
  if (area.packages !== undefined && !area.packages.some((pattern) => matches(pattern, name))) {
    return `${area.folder} may not import ${name}: it may import ${area.packages.join(', ') || 'no package'}`
  }
  return null
}

function areaOf(path: string): Area | undefined {
  return areas
    .filter((area) => isWithin(path, area.folder))
    .toSorted((a, b) => b.folder.length - a.folder.length)[0]
}

function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}/`)
}

function matches(pattern: string, name: string): boolean {
  if (!pattern.endsWith('/*')) return name === pattern
  const whole = pattern.slice(0, -2)
  return name === whole || name.startsWith(`${whole}/`)
}
