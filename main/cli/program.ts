import { Command } from 'commander'
import { readVersion } from '#platform/version/read-version.ts'
import type { CommandContext } from './command-context.ts'
import { addApiKeysCommands } from './commands/api-keys.command.ts'
import { addAuditCommands } from './commands/audit.command.ts'
import { addBirthRecordCommand } from './commands/birth-record.command.ts'
import { addCertsCommands } from './commands/certs.command.ts'
import { addClaimsCommands } from './commands/claims.command.ts'
import { addCloudCommands } from './commands/cloud.command.ts'
import { addCommandsCommands } from './commands/commands.command.ts'
import { addDialectsCommands } from './commands/dialects.command.ts'
import { addDoctorCommand } from './commands/doctor.command.ts'
import { addEstCommands } from './commands/est.command.ts'
import { addFirmwareCommands } from './commands/firmware.command.ts'
import { addFlashCommands } from './commands/flash.command.ts'
import { addGatewaysCommands } from './commands/gateways.command.ts'
import { addGroupsCommands } from './commands/groups.command.ts'
import { addHistorianCommands } from './commands/historian.command.ts'
import { addJobsCommands } from './commands/jobs.command.ts'
import { addMonitorCommand } from './commands/monitor.command.ts'
import { addMqttClientsCommands } from './commands/mqtt-clients.command.ts'
import { addNvsCommands } from './commands/nvs.command.ts'
import { addPortsCommands } from './commands/ports.command.ts'
import { addProfilesCommands } from './commands/profiles.command.ts'
import { addRolesCommands } from './commands/roles.command.ts'
import { addServeCommand } from './commands/serve.command.ts'
import { addSetupCommand } from './commands/setup.command.ts'
import { addSignInCommands } from './commands/sign-in.command.ts'
import { addSimulateCommand } from './commands/simulate.command.ts'
import { addStatusCommand } from './commands/status.command.ts'
import { addTelemetryCommands } from './commands/telemetry.command.ts'
import { addTenantsCommands } from './commands/tenants.command.ts'
import { addTopicsCommands } from './commands/topics.command.ts'
import { addUsersCommands } from './commands/users.command.ts'

/** The tree of commands. Commander throws instead of ending the process, so that one place words every failure. */
export function createProgram(context: CommandContext): Command {
  const program = new Command('millwright')
    .description('From USB port to trusted telemetry, in one program, with no internet')
    .version(readVersion())
    .configureOutput({ outputError: () => {} })
    .showSuggestionAfterError()
    .exitOverride()
    // `ports` and `flash` have options of their own beside their subcommands.
    .enablePositionalOptions()
  addSetupCommand(program, context)
  addServeCommand(program, context)
  addStatusCommand(program, context)
  addSignInCommands(program, context)
  addGatewaysCommands(program, context)
  addClaimsCommands(program, context)
  addEstCommands(program, context)
  addCommandsCommands(program, context)
  addProfilesCommands(program, context)
  addDialectsCommands(program, context)
  addCertsCommands(program, context)
  addDoctorCommand(program, context)
  addTelemetryCommands(program, context)
  addHistorianCommands(program, context)
  addCloudCommands(program, context)
  addJobsCommands(program, context)
  addAuditCommands(program, context)
  addTenantsCommands(program, context)
  addGroupsCommands(program, context)
  addUsersCommands(program, context)
  addRolesCommands(program, context)
  addApiKeysCommands(program, context)
  addMqttClientsCommands(program, context)
  addTopicsCommands(program, context)
  addPortsCommands(program, context)
  addFlashCommands(program, context)
  addMonitorCommand(program, context)
  addBirthRecordCommand(program, context)
  addFirmwareCommands(program, context)
  addNvsCommands(program, context)
  addSimulateCommand(program, context)
  return program
}
