import type { Command } from 'commander'
import type { RestClient } from '#client/rest-client.ts'
import type { TenantQuotas } from '#contract/api/tenants.ts'
import { given } from '../arguments.ts'
import { CliError } from '../cli-error.ts'
import type { CommandContext, SiteFlags } from '../command-context.ts'
import { addSiteOptions } from '../site-options.ts'

type Tenant = Awaited<ReturnType<RestClient['tenants']['show']>>

/** `millwright tenants …` */
export function addTenantsCommands(program: Command, context: CommandContext): void {
  const group = program.command('tenants').summary('organisations that the site serves')

  addSiteOptions(group.command('list'))
    .summary('tenants, with what they use of what they may')
    .action((flags: SiteFlags, command: Command) =>
      context.withSite(command, async ({ client }) => {
        const { tenants } = await client.tenants.details()
        if (flags.json) context.output.json({ tenants })
        else context.output.table(header, tenants.map(toRow))
      }),
    )

  addSiteOptions(group.command('show').argument('<tenant>', 'short name or id'))
    .summary('everything about one tenant')
    .action((tenant: string, flags: SiteFlags, command: Command) =>
      context.withSite(command, async ({ client }) =>
        show(context, flags, await client.tenants.show({ tenant })),
      ),
    )

  addSiteOptions(group.command('create').argument('<name>', 'what people call it: "Aurora Dairy"'))
    .summary('add a tenant')
    .option('--slug <slug>', 'short name for addresses and scripts; made from the name where left out')
    .action((name: string, flags: SiteFlags & { slug?: string }, command: Command) =>
      context.withSite(command, async ({ client }) =>
        show(context, flags, await client.tenants.create({ name, ...given({ slug: flags.slug }) })),
      ),
    )

  addSiteOptions(group.command('update').argument('<tenant>', 'short name or id'))
    .summary('change its name or short name, or whether gateways without a certificate are let in')
    .option('--name <name>', 'what people call it')
    .option('--slug <slug>', 'another short name: what uses the old one stops working')
    .option('--password-gateways <on|off>', 'whether gateways may come with a secret and no certificate')
    .action((tenant: string, flags: SiteFlags & UpdateFlags, command: Command) =>
      context.withSite(command, async ({ client }) => {
        const { name, slug } = flags
        const changes = given({ name, slug, passwordGateways: readSwitch(flags.passwordGateways) })
        show(context, flags, await client.tenants.update({ tenant, ...changes }))
      }),
    )

  addLimitCommand(group, context)

  addSiteOptions(group.command('suspend').argument('<tenant>', 'short name or id'))
    .summary('cut off its gateways, people, MQTT clients and API keys at once')
    .option('--reason <text>', 'kept in the audit and beside the tenant')
    .action((tenant: string, flags: SiteFlags & { reason?: string }, command: Command) =>
      context.withSite(command, async ({ client }) => {
        const changed = await client.tenants.suspend({ tenant, ...given({ reason: flags.reason }) })
        if (flags.json) context.output.json(changed)
        else context.output.line(`${changed.name} is suspended`)
      }),
    )

  addSiteOptions(group.command('resume').argument('<tenant>', 'short name or id'))
    .summary('let a suspended tenant go on')
    .action((tenant: string, flags: SiteFlags, command: Command) =>
      context.withSite(command, async ({ client }) => {
        const changed = await client.tenants.resume({ tenant })
        if (flags.json) context.output.json(changed)
        else context.output.line(`${changed.name} is active`)
      }),
    )
}

interface UpdateFlags {
  name?: string
  slug?: string
  passwordGateways?: string
}

function readSwitch(text: string | undefined): boolean | undefined {
  if (text === undefined) return undefined
  if (text !== 'on' && text !== 'off') throw new CliError('usage', '--password-gateways: write "on" or "off"')
  return text === 'on'
}

/** Flags of `limit`, and what each sets. */
const quotaFlags = {
  gateways: 'gateways',
  messagesPerHour: 'messages-per-hour',
  messagesPerSecond: 'messages-per-second',
  burst: 'burst',
  gatewayMessagesPerSecond: 'gateway-messages-per-second',
  gatewayBurst: 'gateway-burst',
  storageDays: 'storage-days',
} as const satisfies Record<keyof TenantQuotas, string>

function addLimitCommand(group: Command, context: CommandContext): void {
  const command = addSiteOptions(group.command('limit').argument('<tenant>', 'short name or id')).summary(
    'set what it may use; "default" takes a quota back',
  )
  for (const flag of Object.values(quotaFlags)) command.option(`--${flag} <number>`, 'a number, or "default"')
  command.action((tenant: string, flags: SiteFlags & Record<string, string>, called: Command) =>
    context.withSite(called, async ({ client }) => {
      const quotas: { [K in keyof TenantQuotas]?: number | null } = {}
      for (const name of Object.keys(quotaFlags) as (keyof TenantQuotas)[]) {
        const text = flags[name]
        if (text !== undefined) quotas[name] = readQuota(quotaFlags[name], text)
      }
      if (Object.keys(quotas).length === 0) throw new CliError('usage', 'Say which quota to set')
      show(context, flags, await client.tenants.limit({ tenant, quotas }))
    }),
  )
}

function readQuota(flag: string, text: string): number | null {
  if (text === 'default') return null
  if (!/^\d{1,10}$/.test(text)) throw new CliError('usage', `--${flag}: write a whole number, or "default"`)
  return Number(text)
}

const header = ['TENANT', 'NAME', 'STATE', 'GATEWAYS', 'MESSAGES THIS HOUR', 'DAYS KEPT', 'PEOPLE']

function toRow({ slug, name, state, usage, allowed, quotas }: Tenant) {
  return [
    slug,
    name,
    state,
    `${usage.gateways} / ${allowed.gateways}`,
    `${usage.messagesThisHour} / ${allowed.messagesPerHour}`,
    quotas.storageDays ?? '-',
    usage.people,
  ]
}

function show(context: CommandContext, flags: SiteFlags, tenant: Tenant): void {
  if (flags.json) return context.output.json(tenant)
  const { usage, allowed, quotas } = tenant
  context.output.facts([
    ['tenant', tenant.slug],
    ['name', tenant.name],
    ['id', tenant.id],
    ['state', tenant.state],
    ['reason', tenant.suspendReason],
    ['since', tenant.createdAt],
    ['gateways', `${usage.gateways} of ${allowed.gateways}`],
    ['messages this hour', `${usage.messagesThisHour} of ${allowed.messagesPerHour}`],
    ['messages a second', quotas.messagesPerSecond],
    ['burst', quotas.burst],
    ['of each gateway', quotas.gatewayMessagesPerSecond],
    ['burst of each', quotas.gatewayBurst],
    ['days kept', quotas.storageDays],
    ['gateways with a secret', secretsLine(tenant.passwordGateways)],
    ['people', usage.people],
    ['groups', usage.groups],
  ])
}

function secretsLine({ allowed, count, listenerOpen }: Tenant['passwordGateways']): string {
  if (!allowed) return count === 0 ? 'not let in' : `not let in; there are ${count}`
  return listenerOpen ? `let in; there are ${count}` : `let in; there are ${count}, and their listener is off`
}
