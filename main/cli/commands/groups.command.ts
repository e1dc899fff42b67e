import { type Command, Option } from 'commander'
import type { RestClient } from '#client/rest-client.ts'
import { given } from '../arguments.ts'
import type { CommandContext, SiteFlags } from '../command-context.ts'
import { addSiteOptions } from '../site-options.ts'

type Group = Awaited<ReturnType<RestClient['groups']['list']>>['groups'][number]
type GroupFlags = SiteFlags & { tenant?: string }

const GROUP = 'id, or path: "Plant 1/Line 2"'

/** `millwright groups …` */
export function addGroupsCommands(program: Command, context: CommandContext): void {
  const group = program.command('groups').summary('buildings, lines and areas that gateways stand in')
  const sited = (name: string, ...args: [name: string, description: string][]) => {
    const command = group.command(name)
    for (const [argument, description] of args) command.argument(argument, description)
    return addSiteOptions(command).option('--tenant <slug>', 'whose; may be left out where there is one')
  }
  const tenantOf = (flags: GroupFlags) => given({ tenant: flags.tenant })
  const tell = (flags: GroupFlags, changed: Group) => {
    if (flags.json) context.output.json(changed)
    else context.output.line(`${pathOf(changed)} (${changed.id})`)
  }

  sited('list')
    .summary('groups as a tree, with their gateways')
    .action((flags: GroupFlags, command: Command) =>
      context.withSite(command, async ({ client }) => {
        const { groups } = await client.groups.list(tenantOf(flags))
        if (flags.json) context.output.json({ groups })
        else if (groups.length === 0) context.output.note('No groups. Create one: millwright groups create')
        else context.output.table(['GROUP', 'GATEWAYS', 'ID'], groups.map(toRow))
      }),
    )

  sited('create', ['<name>', 'what people call it: "Line 2"'])
    .summary('add a group')
    .option('--below <group>', `below this one (${GROUP}); at the top where left out`)
    .action((name: string, flags: GroupFlags & { below?: string }, command: Command) =>
      context.withSite(command, async ({ client }) =>
        tell(flags, await client.groups.create({ name, parent: flags.below ?? null, ...tenantOf(flags) })),
      ),
    )

  sited('rename', ['<group>', GROUP], ['<name>', 'what people call it'])
    .summary('rename a group')
    .action((reference: string, name: string, flags: GroupFlags, command: Command) =>
      context.withSite(command, async ({ client }) =>
        tell(flags, await client.groups.rename({ group: reference, name, ...tenantOf(flags) })),
      ),
    )

  sited('move', ['<group>', GROUP])
    .summary('put a group with all below it elsewhere')
    .option('--below <group>', `below this one (${GROUP}); to the top where left out`)
    .action((reference: string, flags: GroupFlags & { below?: string }, command: Command) =>
      context.withSite(command, async ({ client }) => {
        const parent = flags.below ?? null
        tell(flags, await client.groups.move({ group: reference, parent, ...tenantOf(flags) }))
      }),
    )

  sited('delete', ['<group>', GROUP])
    .summary('delete a group')
    .addOption(
      new Option('--content <what>', 'where what is in it goes: one level up, or it is not deleted')
        .choices(['refuse', 'to-parent'])
        .default('refuse'),
    )
    .action((reference: string, flags: GroupFlags & { content: string }, command: Command) =>
      context.withSite(command, async ({ client }) => {
        const content = flags.content === 'to-parent' ? 'to_parent' : 'refuse'
        await client.groups.remove({ group: reference, content, ...tenantOf(flags) })
        if (flags.json) context.output.json({ deleted: true })
        else context.output.line('Deleted')
      }),
    )
}

const pathOf = ({ path }: Group): string => path.join('/')

function toRow(group: Group) {
  return [pathOf(group), group.gateways.all, group.id]
}
