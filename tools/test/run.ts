import { availableParallelism } from 'node:os'
import { runSteps } from '#tools/check/run-steps.ts'
import { staticSteps } from '#tools/check/steps.ts'
import { run, toolFile } from '#tools/check/tool.ts'
import { installMissingTools } from './system-tools.ts'

// npm test: everything there is to prove, in one go: what only reads the sources, a build, and every test on it.
// `--long` soaks and mutates longer. Other arguments go to vitest: a file, -t, --project.
const given = process.argv.slice(2)
const isLong = given.includes('--long')
const selection = given.filter((argument) => argument !== '--long')

process.exitCode = await test()

async function test(): Promise<number> {
  const missing = installMissingTools()
  if (missing.length > 0) {
    console.error('Install these first: no test is left out in silence.')
    return 1
  }
  // A narrower run is for someone at work on one thing: they have `npm run check` for the rest.
  const failed = selection.length === 0 ? await runSteps(staticSteps(), availableParallelism()) : []
  if ((await run(process.execPath, ['tools/build/build.ts'])) !== 0) {
    console.error('The build failed: the tests would run on an old one.')
    return 1
  }
  // Last, so that its summary is the last thing on the screen.
  const tests = await run(process.execPath, [toolFile('vitest'), 'run', ...selection], {
    env: { ...process.env, ...(isLong ? { MILLWRIGHT_LONG: '1' } : {}) },
  })
  if (failed.length > 0) console.error(`Checks that failed (see above): ${failed.join(', ')}`)
  return tests !== 0 || failed.length > 0 ? 1 : 0
}
