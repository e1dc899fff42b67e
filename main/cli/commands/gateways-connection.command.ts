import { type Command, Option } from 'commander'
import type { RestClient } from '#client/rest-client.ts'
import { type CredentialKind, credentialKinds } from '#contract/model/gateway.ts'
import { aliasHelp, readAliasChanges } from '../alias-flags.ts'
import { given } from '../arguments.ts'
import { CliError } from '../cli-error.ts'
import type { CommandContext, SiteFlags } from '../command-context.ts'
import { openCredentialsFile, receiveCredentials } from '../hand-over.ts'
import { addSiteOptions, addTenantOption } from '../site-options.ts'

type Connection = Awaited<ReturnType<RestClient['gateways']['connection']>>

interface ConfigureFlags extends SiteFlags {
  tenant?: string
  profile?: string
  dialect?: string
  alias?: string[]
}

interface RenewFlags extends SiteFlags {
  tenant?: string
  credential?: CredentialKind
  key?: 'ec' | 'rsa'
  out?: string
  force?: boolean
}

/** `millwright gateways connection|configure|renew-credential` */
export function addGatewaysConnectionCommands(group: Command, context: CommandContext): void {
  addTenantOption(addSiteOptions(group.command('connection').argument('<gateway>', 'code or id')))
    .summary('how a gateway connects: broker, client id, topics, a command to try')
    .action((gateway: string, flags: SiteFlags & { tenant?: string }, command: Command) =>
      context.withSite(command, async ({ client }) =>
        show(
          context,
          flags,
          await client.gateways.connection({ gateway, ...given({ tenant: flags.tenant }) }),
        ),
      ),
    )

  addTenantOption(addSiteOptions(group.command('configure').argument('<gateway>', 'code or id')))
    .summary('set its profile, dialect and other names')
    .option('--profile <profile>', 'name or id; "none" takes it out')
    .option('--dialect <name>', 'topics and payloads it speaks; "profile" for that of its profile')
    .option('--alias <kind=name...>', `${aliasHelp}; an empty name clears it`)
    .action((gateway: string, flags: ConfigureFlags, command: Command) =>
      context.withSite(command, async ({ client }) => {
        const { profile, dialect, tenant } = flags
        const changes = given({
          profile: profile === 'none' ? null : profile,
          dialect: dialect === 'profile' ? null : dialect,
          aliases: flags.alias && readAliasChanges(flags.alias),
        })
        if (Object.keys(changes).length === 0) throw new CliError('usage', 'Say what to set')
        show(context, flags, await client.gateways.configure({ gateway, ...given({ tenant }), ...changes }))
      }),
    )

  addTenantOption(addSiteOptions(group.command('renew-credential').argument('<gateway>', 'code or id')))
    .summary('issue a new credential: the old one ends at once')
    .addOption(new Option('--credential <kind>', 'another kind than it has').choices(credentialKinds))
    .addOption(new Option('--key <algorithm>', 'kind of private key').choices(['ec', 'rsa']))
    .option('--out <file>', 'write the ZIP here')
    .option('--force', 'replace the file if it is there')
    .action((gateway: string, flags: RenewFlags, command: Command) =>
      context.withSite(command, async ({ client }) => {
        const file =
          flags.out === undefined ? null : await openCredentialsFile(flags.out, flags.force ?? false)
        try {
          const reference = { gateway, ...given({ tenant: flags.tenant }) }
          const kinds = given({ credential: flags.credential, key_algorithm: flags.key })
          const { gateway_id, code } = await client.gateways.renewCredential({ ...reference, ...kinds })
          if (file !== null) await receiveCredentials(client, { gateway: gateway_id }, file)
          if (flags.json) context.output.json({ gateway: gateway_id, code, file: file?.path ?? null })
          else
            context.output.note(
              file === null
                ? `The new credential of ${code} waits, sealed, for 24 hours: millwright certs download ${code} --out FILE.zip`
                : `Wrote ${file.path}: keep it secret. The site has erased its copy.`,
            )
        } finally {
          await file?.discard()
        }
      }),
    )
}

const problems: Record<Connection['problems'][number], string> = {
  password_gateways_off:
    'its tenant lets in no gateways without a certificate: tenants update --password-gateways on',
  password_listener_off:
    'the listener for passwords (8884) is off: turn it on in Settings, or with serve --mqtts-password',
  bind_pending: 'it has still to acknowledge its binding: until then only commands are open',
  alias_missing: 'its dialect needs a name that it does not have: gateways configure --alias',
  suspended: 'it is suspended',
  revoked: 'its credential was revoked',
}

const passwords = { none: null, secret: 'its secret', fingerprint: 'the SHA-256 of its certificate' }

function show(context: CommandContext, flags: SiteFlags, connection: Connection): void {
  if (flags.json) return context.output.json(connection)
  const { dialect, dialectOfProfile, profile, hosts, port, websocketPort, aliases, topics, command } =
    connection
  context.output.facts([
    ['broker', hosts.map((host) => `${host}:${port}`).join(', ')],
    ['WebSocket', websocketPort === null ? null : `wss://${hosts[0]}:${websocketPort}/mqtt`],
    ['credential', connection.credential],
    ['MQTT client id', connection.clientId],
    ['user name', connection.username],
    ['password', passwords[connection.password]],
    ['dialect', `${dialect.name} (${dialect.title}${dialectOfProfile ? ', as its profile says' : ''})`],
    ['profile', profile?.name ?? null],
    ...Object.entries(aliases).map(([kind, name]): [string, string | null] => [`alias ${kind}`, name]),
  ])
  context.output.line('')
  context.output.table(
    ['TOPIC', 'DIRECTION', 'FOR'],
    topics.map(({ topic, direction, kind, will }) => [
      topic,
      direction === 'to_site' ? 'publishes' : 'receives',
      will ? `${kind} (last will)` : kind,
    ]),
  )
  if (command !== '') context.output.line(`\n${command}`)
  for (const problem of connection.problems) context.output.note(`Note: ${problems[problem]}`)
}
