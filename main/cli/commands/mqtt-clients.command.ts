import { join } from 'node:path'
import { type Command, Option } from 'commander'
import type { RestClient } from '#client/rest-client.ts'
import { given, wholeNumber } from '../arguments.ts'
import type { CommandContext, SiteFlags } from '../command-context.ts'
import { type OutputFile, openOutputFile } from '../files/output-file.ts'
import { addSiteOptions } from '../site-options.ts'

type Listed = Awaited<ReturnType<RestClient['mqttClients']['list']>>
type MqttClient = Listed['clients'][number]
type Given = Awaited<ReturnType<RestClient['mqttClients']['create']>>
type FileFlags = { out?: string; force?: boolean }
type CreateFlags = SiteFlags &
  FileFlags & {
    username?: string
    tenant?: string
    group?: string
    rights: 'read' | 'write' | 'both'
    topic?: string[]
    credentials: 'password' | 'certificate' | 'both'
    expiresInDays?: number
  }

/** `millwright mqtt-clients …` */
export function addMqttClientsCommands(program: Command, context: CommandContext): void {
  const group = program.command('mqtt-clients').summary('programs and phones at the broker')

  addSiteOptions(group.command('list'))
    .summary('MQTT clients, and where they connect; never their secrets')
    .option('--tenant <slug>', 'only of this tenant')
    .action((flags: SiteFlags & { tenant?: string }, command: Command) =>
      context.withSite(command, async ({ client }) => {
        const { clients, addresses } = await client.mqttClients.list(given({ tenant: flags.tenant }))
        if (flags.json) return context.output.json({ clients, addresses })
        context.output.table(header, clients.map(toRow))
        const open = [addresses.passwordMqtts, addresses.websocket].filter((address) => address !== null)
        context.output.note(
          open.length === 0
            ? 'With passwords nobody can connect yet: turn a listener on in Settings, or with serve --mqtts-password.'
            : `Passwords open ${open.join(' and ')}.`,
        )
      }),
    )

  addSiteOptions(group.command('create').argument('<name>', 'which program or machine it is'))
    .summary('make an MQTT client; prints its password, once')
    .option('--username <name>', 'made of the name where left out')
    .option('--tenant <slug>', 'the tenant that it is of')
    .option('--group <group>', 'the group that it sees, with all below it: id, or path Plant 1/Line 2')
    .addOption(
      new Option('--rights <rights>', 'what it may do').choices(['read', 'write', 'both']).default('read'),
    )
    .option('--topic <filter...>', 'only these topics: mw/+/telemetry')
    .addOption(
      new Option('--credentials <kind>', 'how it signs in')
        .choices(['password', 'certificate', 'both'])
        .default('password'),
    )
    .option('--expires-in-days <days>', 'never where left out', wholeNumber(1, 3_650))
    .option('--out <folder>', 'where ca.crt and, with a certificate, client.crt and client.key go')
    .option('--force', 'replace files that are there')
    .action((name: string, flags: CreateFlags, command: Command) =>
      context.withSite(command, ({ client }) =>
        handOver(context, flags, flags.credentials !== 'password', () =>
          client.mqttClients.create({
            name,
            rights: flags.rights,
            credentials: flags.credentials,
            ...given({ username: flags.username, tenant: flags.tenant, group: flags.group }),
            ...given({ topics: flags.topic, expiresInDays: flags.expiresInDays }),
          }),
        ),
      ),
    )

  addSiteOptions(group.command('rotate').argument('<client>', 'its user name or id'))
    .summary('a new password or certificate; the one before opens nothing any more')
    .addOption(
      new Option('--credentials <kind>', 'which').choices(['password', 'certificate']).default('password'),
    )
    .option('--out <folder>', 'where ca.crt and, with a certificate, client.crt and client.key go')
    .option('--force', 'replace files that are there')
    .action(
      (
        reference: string,
        flags: SiteFlags & FileFlags & { credentials: 'password' | 'certificate' },
        command: Command,
      ) =>
        context.withSite(command, ({ client }) =>
          handOver(context, flags, flags.credentials === 'certificate', () =>
            client.mqttClients.rotate({ client: reference, credentials: flags.credentials }),
          ),
        ),
    )

  addSiteOptions(group.command('revoke').argument('<client>', 'its user name or id'))
    .summary('delete an MQTT client, with its certificates and what it left, at once')
    .action((reference: string, flags: SiteFlags, command: Command) =>
      context.withSite(command, async ({ client }) => {
        const gone = await client.mqttClients.delete({ client: reference })
        if (flags.json) context.output.json(gone)
        else context.output.line(`${reference} is deleted`)
      }),
    )
}

/** Opens the files before the site makes a key that is given once: an unwritable folder costs nothing then. */
async function handOver(
  context: CommandContext,
  { out, force = false, json }: SiteFlags & FileFlags,
  withKey: boolean,
  make: () => Promise<Given>,
): Promise<void> {
  const folder = out ?? (withKey ? '.' : undefined)
  const names = ['ca.crt', ...(withKey ? ['client.crt', 'client.key'] : [])]
  const files = new Map<string, OutputFile>()
  try {
    for (const name of folder === undefined ? [] : names)
      files.set(name, await openOutputFile(join(folder ?? '', name), { mode: 0o600, overwrite: force }))
    const { client, credentials } = await make()
    const contents: Record<string, string | undefined> = {
      'ca.crt': credentials.caPem,
      'client.crt': credentials.certificate?.certificatePem,
      'client.key': credentials.certificate?.privateKeyPem,
    }
    for (const [name, file] of files) {
      await file.write(contents[name] ?? '')
      await file.commit()
    }
    tell(context, json === true, client, credentials.password, [...files.values()])
  } finally {
    for (const file of files.values()) await file.discard()
  }
}

function tell(
  context: CommandContext,
  json: boolean,
  client: MqttClient,
  password: string | null,
  written: OutputFile[],
): void {
  const files = written.map(({ path }) => path)
  if (json) return context.output.json({ client, password, files })
  context.output.facts([
    ['name', client.name],
    ['user name', client.username],
    ['password', password],
    ['may', client.rights],
    ['sees', seesOf(client)],
    ['own topics', `${client.prefix}/#`],
    ['expires', client.expiresAt ?? 'never'],
    ...files.map((file): [string, string] => ['file', file]),
  ])
  if (password !== null) context.output.note('The password is not shown again.')
}

const header = [
  'USER NAME',
  'NAME',
  'STATE',
  'MAY',
  'SEES',
  'SIGNS IN WITH',
  'EXPIRES',
  'LAST CONNECTED',
  'FROM',
]

function toRow(client: MqttClient) {
  const { username, name, state, rights, hasPassword, certificate } = client
  const sign = [...(hasPassword ? ['password'] : []), ...(certificate === null ? [] : ['certificate'])]
  return [
    username,
    name,
    state,
    rights,
    seesOf(client),
    sign.join(', '),
    client.expiresAt ?? 'never',
    client.lastConnectedAt ?? '-',
    client.lastAddress ?? '-',
  ]
}

function seesOf({ tenant, group, owner }: MqttClient): string {
  if (owner !== null) return `${tenant.slug}: as ${owner.name}`
  return group === null ? tenant.slug : `${tenant.slug}: ${group.name}`
}
