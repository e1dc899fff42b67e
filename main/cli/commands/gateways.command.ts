import type { Command } from 'commander'
import type { RestClient } from '#client/rest-client.ts'
import { given } from '../arguments.ts'
import type { CommandContext, SiteFlags } from '../command-context.ts'
import { gatewayFacts, gatewayHeader, gatewayRow } from '../gateway-lines.ts'
import { addSiteOptions, addTenantOption } from '../site-options.ts'
import { addGatewaysConnectionCommands } from './gateways-connection.command.ts'
import { addGatewaysCreateCommand } from './gateways-create.command.ts'
import { addGatewaysImportCommand } from './gateways-import.command.ts'
import { addGatewaysLabelsCommand } from './gateways-labels.command.ts'
import { addOwnKeyCommands } from './gateways-own-keys.command.ts'

type Action = 'suspend' | 'resume' | 'unclaim' | 'revoke'
type RefFlags = SiteFlags & { tenant?: string }

/** `millwright gateways …` */
export function addGatewaysCommands(program: Command, context: CommandContext): void {
  const group = program.command('gateways').summary('create, list and manage gateways')
  addGatewaysCreateCommand(group, context)
  addOwnKeyCommands(group, context)
  addGatewaysImportCommand(group, context)
  addGatewaysConnectionCommands(group, context)

  addSiteOptions(group.command('list'))
    .summary('gateways of the site, by code')
    .option('--tenant <slug>', 'only of this tenant')
    .option('--group <group>', 'only in this group and below it: id, or path "Plant 1/Line 2"')
    .option('--state <state>', 'only claimed, active, suspended or revoked ones')
    .option('--search <text>', 'only where code, name, label or MAC holds this')
    .action((flags: RefFlags & { group?: string; state?: string; search?: string }, command: Command) =>
      context.withSite(command, async ({ client }) => {
        const gateways = await listGateways(client, flags)
        if (flags.json) context.output.json({ gateways })
        else if (gateways.length === 0)
          context.output.note('No gateways. Create one: millwright gateways create')
        else context.output.table(gatewayHeader, gateways.map(gatewayRow))
      }),
    )

  addTenantOption(addSiteOptions(group.command('show').argument('<gateway>', 'code or id')))
    .summary('everything about one gateway')
    .action((gateway: string, flags: RefFlags, command: Command) =>
      context.withSite(command, async ({ client }) => {
        const found = await client.gateways.show({ gateway, ...given({ tenant: flags.tenant }) })
        if (flags.json) context.output.json(found)
        else context.output.facts(await gatewayFacts(client, found))
      }),
    )

  addTenantOption(addSiteOptions(group.command('place').argument('<gateway>', 'code or id')))
    .summary('put it into a group, or give it an owner')
    .option('--group <group>', 'id, or path: "Plant 1/Line 2"; "none" takes it out of any')
    .option('--owner <person>', 'id or e-mail address of a person of its tenant; "none" for nobody')
    .action((gateway: string, flags: RefFlags & { group?: string; owner?: string }, command: Command) =>
      context.withSite(command, async ({ client }) => {
        const place = given({ group: orNone(flags.group), owner: orNone(flags.owner) })
        const placed = await client.gateways.place({ gateway, ...given({ tenant: flags.tenant }), ...place })
        if (flags.json) context.output.json(placed)
        else context.output.facts(await gatewayFacts(client, placed))
      }),
    )

  addGatewaysLabelsCommand(group, context)
  addActionCommand(group, context, 'suspend', 'disconnect it and refuse it until resumed')
  addActionCommand(group, context, 'resume', 'let a suspended gateway connect again')
  addActionCommand(
    group,
    context,
    'unclaim',
    'give the box away: its credentials end, any tenant may claim it',
  )
  addActionCommand(group, context, 'revoke', 'end its certificate for good and disconnect it')
}

const orNone = (text: string | undefined) => (text === 'none' ? null : text)

function addActionCommand(group: Command, context: CommandContext, name: Action, summary: string): void {
  addTenantOption(addSiteOptions(group.command(name).argument('<gateway>', 'code or id')))
    .summary(summary)
    .option('--reason <text>', 'kept in the audit and the history of the gateway')
    .action((gateway: string, flags: RefFlags & { reason?: string }, command: Command) =>
      context.withSite(command, async ({ client }) => {
        const changed = await client.gateways[name]({
          gateway,
          ...given({ tenant: flags.tenant, reason: flags.reason }),
        })
        if (flags.json) context.output.json(changed)
        else context.output.line(`${changed.code} "${changed.name}" is ${changed.state}`)
      }),
    )
}

async function listGateways(
  client: RestClient,
  flags: { tenant?: string; group?: string; state?: string; search?: string },
): Promise<Awaited<ReturnType<RestClient['gateways']['show']>>[]> {
  const filter = given({
    tenant: flags.tenant,
    group: flags.group,
    state: flags.state as 'active' | undefined,
    search: flags.search,
  })
  const gateways = []
  let after: string | null = null
  do {
    const page: Awaited<ReturnType<RestClient['gateways']['list']>> = await client.gateways.list({
      ...filter,
      limit: 1_000,
      ...(after === null ? {} : { after }),
    })
    gateways.push(...page.gateways)
    after = page.next
  } while (after !== null)
  return gateways
}
