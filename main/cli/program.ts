import { Command } from 'commander'
import { readVersion } from '#platform/version/read-version.ts'
import type { CommandContext } from './command-context.ts'
import { addCertsCommands } from './commands/certs.command.ts'
import { addGatewaysCommands } from './commands/gateways.command.ts'
import { addHistorianCommands } from './commands/historian.command.ts'
import { addJobsCommands } from './commands/jobs.command.ts'
import { addServeCommand } from './commands/serve.command.ts'
import { addSetupCommand } from './commands/setup.command.ts'
import { addSimulateCommand } from './commands/simulate.command.ts'
import { addStatusCommand } from './commands/status.command.ts'
import { addTelemetryCommands } from './commands/telemetry.command.ts'

/** The tree of commands. Commander throws instead of ending the process, so that one place words every failure. */
export function createProgram(context: CommandContext): Command {
  const program = new Command('millwright')
    .description('From USB port to trusted telemetry, in one program, with no internet')
    .version(readVersion())
    .configureOutput({ outputError: () => {} })
    .showSuggestionAfterError()
    .exitOverride()
  addSetupCommand(program, context)
  addServeCommand(program, context)
  addStatusCommand(program, context)
  addGatewaysCommands(program, context)
  addCertsCommands(program, context)
  addTelemetryCommands(program, context)
  addHistorianCommands(program, context)
  addJobsCommands(program, context)
  addSimulateCommand(program, context)
  return program
}
