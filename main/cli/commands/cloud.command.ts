import type { Command } from 'commander'
import { addAdministratorCommands } from '../cloud/administrator-commands.ts'
import { addJoinCommands } from '../cloud/join-commands.ts'
import { addLinkCommands } from '../cloud/link-commands.ts'
import { addRefusedCommands } from '../cloud/refused-commands.ts'
import type { CommandContext } from '../command-context.ts'

/** `millwright cloud …`: the shared Postgres, from the side of its administrator and from that of a site. */
export function addCloudCommands(program: Command, context: CommandContext): void {
  const group = program
    .command('cloud')
    .summary('the shared Postgres of all sites: make it, join it, look after it')
  addAdministratorCommands(group, context)
  addJoinCommands(group, context)
  addLinkCommands(group, context)
  addRefusedCommands(group, context)
}
