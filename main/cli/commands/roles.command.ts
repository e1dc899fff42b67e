import type { Command } from 'commander'
import { given } from '../arguments.ts'
import type { CommandContext, SiteFlags } from '../command-context.ts'
import { addSiteOptions, addTenantOption } from '../site-options.ts'

/** `millwright roles …` */
export function addRolesCommands(program: Command, context: CommandContext): void {
  const group = program.command('roles').summary('what people may do')

  addTenantOption(addSiteOptions(group.command('list')))
    .summary('built-in roles and own ones, with their permissions')
    .action((flags: SiteFlags & { tenant?: string }, command: Command) =>
      context.withSite(command, async ({ client }) => {
        const { roles } = await client.roles.list(given({ tenant: flags.tenant }))
        if (flags.json) context.output.json({ roles })
        else
          context.output.table(
            ['ROLE', 'ID', 'PEOPLE', 'SECOND FACTOR', 'PERMISSIONS'],
            roles.map(({ id, name, people, secondFactor, permissions }) => [
              name,
              id,
              people,
              secondFactor ? 'required' : '-',
              permissions.join(' ') || '-',
            ]),
          )
      }),
    )
}
