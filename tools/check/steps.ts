import { globSync } from 'node:fs'
import { dirname } from 'node:path'
import { toolFile } from './tool.ts'

/** One thing that `npm run check` proves; `args` are for Node. */
export interface Step {
  readonly name: string
  readonly args: readonly string[]
}

/** Types, layers and lint, format, unused code: everything that only reads the sources. */
export function staticSteps(): Step[] {
  return [
    ...typeSteps(),
    {
      // The layers are one of its rules: tools/lint.
      name: 'lint',
      args: [toolFile('oxlint'), '--type-aware', '--deny-warnings', '--report-unused-disable-directives'],
    },
    {
      name: 'format',
      args: [toolFile('@biomejs/biome'), 'check', '--linter-enabled=false', '--error-on-warnings', '.'],
    },
    { name: 'unused', args: [toolFile('knip'), '--no-progress'] },
  ]
}

/** The tests beside the code. */
export function fastTestStep(): Step {
  return { name: 'fast tests', args: [toolFile('vitest'), 'run', '--project', 'fast', '--reporter', 'dot'] }
}

/**
 * One type check a runtime: each folder with a tsconfig.json that holds TypeScript. What no product code imports (tests, tools,
 * benchmarks) is one, that of the root: each check reads the whole engine again.
 */
function typeSteps(): Step[] {
  return globSync(['tsconfig.json', '*/tsconfig.json', 'main/*/tsconfig.json'])
    .map((file) => dirname(file).replaceAll('\\', '/'))
    .filter((folder) => folder !== 'node_modules' && globSync(`${folder}/**/*.{ts,tsx}`).length > 0)
    .toSorted()
    .map((folder) => ({
      name: folder === '.' ? 'types tests and tools' : `types ${folder}`,
      args: [toolFile('typescript', 'tsc'), '-p', folder, ...rememberedIn(folder)],
    }))
}

/** Only what a change can reach is checked anew: the whole engine takes half a minute, and each of these checks reads it. */
function rememberedIn(folder: string): string[] {
  const name = folder === '.' ? 'root' : folder.replaceAll('/', '-')
  return ['--incremental', '--tsBuildInfoFile', `node_modules/.cache/types/${name}.tsbuildinfo`]
}
