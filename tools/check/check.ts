import { availableParallelism } from 'node:os'
import { runSteps } from './run-steps.ts'
import { fastTestStep, staticSteps } from './steps.ts'

// npm run check: what must hold before a commit, in under two minutes on two cores.
const started = performance.now()
// The tests spread over the cores by themselves: they run alone.
const failed = [
  ...(await runSteps(staticSteps(), availableParallelism())),
  ...(await runSteps([fastTestStep()], 1)),
]
const seconds = ((performance.now() - started) / 1000).toFixed(0)
console.log(
  failed.length === 0
    ? `\nAll good in ${seconds} s`
    : `\n${failed.length} failed in ${seconds} s: ${failed.join(', ')}`,
)
process.exitCode = failed.length === 0 ? 0 : 1
