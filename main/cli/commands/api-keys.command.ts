import { type Command, Option } from 'commander'
import type { RestClient } from '#client/rest-client.ts'
import { apiKeyReaches } from '#contract/api/api-keys.ts'
import { PermissionSchema } from '#contract/model/permission.ts'
import { given, wholeNumber } from '../arguments.ts'
import { CliError } from '../cli-error.ts'
import type { CommandContext, SiteFlags } from '../command-context.ts'
import { addSiteOptions } from '../site-options.ts'

type ApiKey = Awaited<ReturnType<RestClient['apiKeys']['revoke']>>
type CreateFlags = SiteFlags & {
  scope: string[]
  reach?: ApiKey['reach']
  tenant?: string
  group?: string
  expiresInDays?: number
  /** False: `--no-expiry`. */
  expiry: boolean
}

/** `millwright api-keys …` */
export function addApiKeysCommands(program: Command, context: CommandContext): void {
  const group = program.command('api-keys').summary('credentials of services for the API')

  addSiteOptions(group.command('list'))
    .summary('API keys, the newest first; never their secrets')
    .option('--tenant <slug>', 'only of this tenant')
    .action((flags: SiteFlags & { tenant?: string }, command: Command) =>
      context.withSite(command, async ({ client }) => {
        const { keys } = await client.apiKeys.list(given({ tenant: flags.tenant }))
        if (flags.json) context.output.json({ keys })
        else context.output.table(header, keys.map(toRow))
      }),
    )

  addSiteOptions(group.command('create').argument('<name>', 'what it is for'))
    .summary('make an API key; prints it, once')
    .requiredOption('--scope <permission...>', 'what it may do: gateways:read telemetry:read')
    .addOption(
      new Option('--reach <reach>', 'how far; as far as you where left out').choices([...apiKeyReaches]),
    )
    .option('--tenant <slug>', 'the tenant that it is of')
    .option('--group <group>', 'the group that it is of, with all below it: id, or path Plant 1/Line 2')
    .option('--expires-in-days <days>', 'a year where left out', wholeNumber(1, 3_650))
    .option('--no-expiry', 'it does not expire')
    .action((name: string, flags: CreateFlags, command: Command) =>
      context.withSite(command, async ({ client }) => {
        const { key, secret } = await client.apiKeys.create({
          name,
          scopes: scopesOf(flags.scope),
          ...given({ reach: flags.reach, tenant: flags.tenant, group: flags.group }),
          ...given({ expiresInDays: flags.expiry ? flags.expiresInDays : null }),
        })
        if (flags.json) return context.output.json({ key, secret })
        context.output.facts([
          ['key', secret],
          ['name', key.name],
          ['may', key.scopes.join(' ')],
          ['reach', whereOf(key)],
          ['expires', key.expiresAt ?? 'never'],
        ])
        context.output.note('Not shown again. Send it as "Authorization: Bearer KEY".')
      }),
    )

  addSiteOptions(group.command('revoke').argument('<key>', 'its prefix (mwk_a1b2c3d4) or id'))
    .summary('end an API key at once')
    .action((reference: string, flags: SiteFlags, command: Command) =>
      context.withSite(command, async ({ client }) => {
        const key = await client.apiKeys.revoke({ key: reference })
        if (flags.json) context.output.json(key)
        else context.output.line(`${key.prefix} (${key.name}) is revoked`)
      }),
    )
}

const header = ['PREFIX', 'NAME', 'STATE', 'REACH', 'EXPIRES', 'LAST USED', 'FROM', 'MAY']

function toRow(key: ApiKey) {
  return [
    key.prefix,
    key.name,
    key.state,
    whereOf(key),
    key.expiresAt ?? 'never',
    key.lastUsedAt ?? '-',
    key.lastUsedAddress ?? '-',
    key.scopes.join(' '),
  ]
}

function whereOf({ reach, tenant, group, createdBy }: ApiKey): string {
  const slug = tenant?.slug ?? ''
  switch (reach) {
    case 'site':
      return 'site'
    case 'tenant':
      return slug
    case 'group':
      return `${slug}: ${group?.name ?? ''}`
    case 'own':
      return `${slug}: gateways of ${createdBy?.name ?? ''}`
  }
}

function scopesOf(given: string[]) {
  return given
    .flatMap((one) => one.split(','))
    .map((one) => {
      const scope = PermissionSchema.safeParse(one.trim())
      if (!scope.success)
        throw new CliError('usage', `There is no permission ${one}: see "millwright whoami" for yours`)
      return scope.data
    })
}
