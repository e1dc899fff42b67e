import { realpathSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { CommanderError } from 'commander'
import { CommandContext } from './command-context.ts'
import { describeFailure, ExitCode } from './exit-code.ts'
import { Output } from './output.ts'
import { createProgram } from './program.ts'

/**
 * The `millwright` command.
 *
 * @param argv without node and script: `['status', '--data', 'D']`
 * @returns the exit code, see `ExitCode`
 */
export async function runCli(argv: string[]): Promise<number> {
  const output = new Output(process.stdout, process.stderr)
  const context = new CommandContext(output, Date.now)
  try {
    await createProgram(context).parseAsync(argv, { from: 'user' })
    return context.exitCode
  } catch (error) {
    // Help and version end here as well; their text is printed already, also where a group lacks its command.
    if (error instanceof CommanderError && error.exitCode === 0) return ExitCode.ok
    if (error instanceof CommanderError && error.code === 'commander.help') return ExitCode.usage
    const failure = describeFailure(error)
    output.failure(failure, wantsJson(argv))
    if (failure.code === 'internal' && process.env.MILLWRIGHT_DEBUG !== undefined) console.error(error)
    return failure.exitCode
  }
}

function wantsJson(argv: string[]): boolean {
  const end = argv.indexOf('--')
  return (end < 0 ? argv : argv.slice(0, end)).includes('--json')
}

/** `millwright telemetry export … | head` closes the pipe early: that is no failure of ours. */
function endQuietlyWithoutReader(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EPIPE') process.exit(ExitCode.ok)
      throw error
    })
  }
}

const [, script] = process.argv
if (script !== undefined && realpathSync(script) === fileURLToPath(import.meta.url)) {
  endQuietlyWithoutReader()
  process.exitCode = await runCli(process.argv.slice(2))
}
