import type { Step } from './steps.ts'
import { capture } from './tool.ts'

/**
 * Runs steps side by side, prints a line each with its time, and the output of those that failed.
 * @returns the names of the steps that failed
 */
export async function runSteps(steps: readonly Step[], atOnce: number): Promise<string[]> {
  const waiting = [...steps]
  const failed: string[] = []
  const work = async (): Promise<void> => {
    for (let step = waiting.shift(); step !== undefined; step = waiting.shift()) {
      const started = performance.now()
      const { code, output } = await capture(process.execPath, step.args)
      const seconds = ((performance.now() - started) / 1000).toFixed(1).padStart(6)
      console.log(`${code === 0 ? 'ok    ' : 'FAILED'} ${seconds} s  ${step.name}`)
      if (code !== 0) {
        failed.push(step.name)
        console.log(`\n${output.trimEnd()}\n`)
      }
    }
  }
  await Promise.all(Array.from({ length: Math.min(atOnce, steps.length) }, work))
  return failed
}
