import { CommanderError } from 'commander'
import { ExpectedError } from '#contract/errors.ts'
import { CliError } from './cli-error.ts'

/** What scripts can rely on; listed in docs/cli.md. */
export const ExitCode = {
  ok: 0,
  failed: 1,
  usage: 2,
  /** No site runs on the data folder, or it cannot be reached. */
  notRunning: 3,
} as const

export interface Failure {
  exitCode: number
  code: string
  message: string
  data: Record<string, unknown>
}

/** What to tell of an error: a person reads the message, a script the code. */
export function describeFailure(error: unknown): Failure {
  if (error instanceof ExpectedError) {
    const away = error.code === 'site_not_running' || error.code === 'site_unreachable'
    return {
      exitCode: away ? ExitCode.notRunning : ExitCode.failed,
      code: error.code,
      message: error.message,
      data: error.data,
    }
  }
  if (error instanceof CliError) {
    return {
      exitCode: error.code === 'usage' ? ExitCode.usage : ExitCode.failed,
      code: error.code,
      message: error.message,
      data: error.data,
    }
  }
  if (error instanceof CommanderError) {
    const message = error.message
      .replace(/^error: /, '')
      .replace(/\s*\n\s*/g, ' ')
      .trim()
    return { exitCode: ExitCode.usage, code: 'usage', message, data: {} }
  }
  const message = error instanceof Error ? error.message || error.name : String(error)
  return { exitCode: ExitCode.failed, code: 'internal', message: message.replace(/\s*\n\s*/g, ' '), data: {} }
}
