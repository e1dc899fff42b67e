import { type Command, Option } from 'commander'
import type { RestClient } from '#client/rest-client.ts'
import { type CredentialKind, credentialKinds } from '#contract/model/gateway.ts'
import { given, wholeNumber } from '../arguments.ts'
import { CliError } from '../cli-error.ts'
import type { CommandContext, SiteFlags } from '../command-context.ts'
import { addSiteOptions } from '../site-options.ts'

type Profile = Awaited<ReturnType<RestClient['profiles']['show']>>

interface ProfileFlags extends SiteFlags {
  tenant?: string
  name?: string
  dialect?: string
  credential?: CredentialKind
  key?: 'ec' | 'rsa'
  maxDevices?: number
  rate?: string
  burst?: string
}

/** `millwright profiles …` */
export function addProfilesCommands(program: Command, context: CommandContext): void {
  const group = program.command('profiles').summary('settings that many gateways share')

  addSiteOptions(group.command('list'))
    .summary('gateway profiles')
    .option('--tenant <slug>', 'of this tenant only')
    .action((flags: ProfileFlags, command: Command) =>
      context.withSite(command, async ({ client }) => {
        const { profiles } = await client.profiles.list(given({ tenant: flags.tenant }))
        if (flags.json) context.output.json({ profiles })
        else context.output.table(header, profiles.map(toRow))
      }),
    )

  addSiteOptions(group.command('show').argument('<profile>', 'name or id'))
    .summary('everything about one profile')
    .option('--tenant <slug>', 'whose it is, where several have one of this name')
    .action((profile: string, flags: ProfileFlags, command: Command) =>
      context.withSite(command, async ({ client }) =>
        show(context, flags, await client.profiles.show({ profile, ...given({ tenant: flags.tenant }) })),
      ),
    )

  withFields(
    addSiteOptions(group.command('create').argument('<name>', 'what people call it: "Pump stations"')),
  )
    .summary('make a profile')
    .action((name: string, flags: ProfileFlags, command: Command) =>
      context.withSite(command, async ({ client }) =>
        show(
          context,
          flags,
          await client.profiles.create({ name, ...given({ tenant: flags.tenant }), ...fieldsOf(flags) }),
        ),
      ),
    )

  withFields(addSiteOptions(group.command('update').argument('<profile>', 'name or id')))
    .summary('change a profile: its gateways without a dialect of their own follow it at once')
    .option('--name <name>', 'what people call it')
    .action((profile: string, flags: ProfileFlags, command: Command) =>
      context.withSite(command, async ({ client }) => {
        const reference = { profile, ...given({ tenant: flags.tenant }) }
        const { version, id } = await client.profiles.show(reference)
        const changes = { ...given({ name: flags.name }), ...fieldsOf(flags) }
        if (Object.keys(changes).length === 0) throw new CliError('usage', 'Say what to change')
        show(context, flags, await client.profiles.update({ profile: id, version, ...changes }))
      }),
    )

  addSiteOptions(group.command('remove').argument('<profile>', 'name or id'))
    .summary('delete a profile that no gateway has')
    .option('--tenant <slug>', 'whose it is, where several have one of this name')
    .action((profile: string, flags: ProfileFlags, command: Command) =>
      context.withSite(command, async ({ client }) => {
        const removed = await client.profiles.remove({ profile, ...given({ tenant: flags.tenant }) })
        if (flags.json) context.output.json(removed)
        else context.output.line(`${profile} is deleted`)
      }),
    )
}

function withFields(command: Command): Command {
  return command
    .option('--tenant <slug>', 'may be left out where there is one tenant')
    .option('--dialect <name>', 'topics and payloads of its gateways')
    .addOption(
      new Option('--credential <kind>', 'what gateways made with it prove themselves with').choices(
        credentialKinds,
      ),
    )
    .addOption(
      new Option('--key <algorithm>', 'kind of private key of their certificates').choices(['ec', 'rsa']),
    )
    .option('--max-devices <number>', 'Modbus devices behind each', wholeNumber(1, 32))
    .option('--rate <number>', 'messages a second of each, or "default"')
    .option('--burst <number>', 'messages at once, or "default"')
}

function fieldsOf({ dialect, credential, key, maxDevices, rate, burst }: ProfileFlags) {
  return given({
    dialect,
    credential,
    keyAlgorithm: key,
    maxDevices,
    messagesPerSecond: readNumber('--rate', rate),
    burst: readNumber('--burst', burst),
  })
}

function readNumber(flag: string, text: string | undefined): number | null | undefined {
  if (text === undefined) return undefined
  if (text === 'default') return null
  if (!/^\d{1,7}(\.\d{1,3})?$/.test(text))
    throw new CliError('usage', `${flag}: write a number, or "default"`)
  return Number(text)
}

const header = ['PROFILE', 'TENANT', 'DIALECT', 'CREDENTIAL', 'MESSAGES A SECOND', 'DEVICES', 'GATEWAYS']

function toRow({ name, tenant, dialect, credential, messagesPerSecond, maxDevices, gateways }: Profile) {
  return [name, tenant.slug, dialect, credential, messagesPerSecond ?? '-', maxDevices, gateways]
}

function show(context: CommandContext, flags: SiteFlags, profile: Profile): void {
  if (flags.json) return context.output.json(profile)
  context.output.facts([
    ['profile', profile.name],
    ['id', profile.id],
    ['tenant', `${profile.tenant.name} (${profile.tenant.slug})`],
    ['dialect', profile.dialect],
    ['credential', profile.credential],
    ['private key', profile.keyAlgorithm],
    ['devices', profile.maxDevices],
    ['messages a second', profile.messagesPerSecond],
    ['burst', profile.burst],
    ['gateways', profile.gateways],
    ['version', profile.version],
  ])
}
