import { randomUUID } from 'node:crypto'
import { type Command, Option } from 'commander'
import type { RestClient } from '#client/rest-client.ts'
import { ExpectedError } from '#contract/errors.ts'
import { type CredentialKind, credentialKinds } from '#contract/model/gateway.ts'
import { aliasHelp, readAliases } from '../alias-flags.ts'
import { given } from '../arguments.ts'
import type { CommandContext, SiteFlags } from '../command-context.ts'
import { gatewayFacts } from '../gateway-lines.ts'
import { openCredentialsFile, receiveCredentials } from '../hand-over.ts'
import { addSiteOptions } from '../site-options.ts'

interface CreateFlags extends SiteFlags {
  mac?: string
  code: string
  name: string
  tenant?: string
  group?: string
  key?: 'ec' | 'rsa'
  profile?: string
  dialect?: string
  credential?: CredentialKind
  alias?: string[]
  label?: string
  out?: string
  force?: boolean
  idempotencyKey?: string
}

/** `millwright gateways create`: the gateway, its certificate and, with `--out`, the ZIP for it. */
export function addGatewaysCreateCommand(group: Command, context: CommandContext): void {
  addSiteOptions(group.command('create'))
    .summary('create a gateway with its own credential')
    .description(
      'Creates a gateway with its certificate or secret. With --out the ZIP with its private key or secret is written, and the site erases its copy.',
    )
    .option('--mac <address>', 'aa:bb:cc:dd:ee:ff')
    .requiredOption('--code <code>', 'short name, unique in the tenant: GW001')
    .requiredOption('--name <name>', 'what people call it: "Boiler room"')
    .option('--tenant <slug>', 'may be left out where there is one tenant')
    .option('--group <group>', 'id, or path: "Plant 1/Line 2"')
    .addOption(new Option('--key <algorithm>', 'kind of private key').choices(['ec', 'rsa']))
    .option('--profile <profile>', 'name or id of a gateway profile: what is left out here is as it says')
    .option(
      '--dialect <name>',
      'topics and payloads it speaks: canonical, slots, tds, direction, user or an own one',
    )
    .addOption(new Option('--credential <kind>', 'what it proves itself with').choices(credentialKinds))
    .option('--alias <kind=name...>', aliasHelp)
    .option('--label <label>', 'printed on the box; made from the MAC where left out')
    .option('--out <file>', 'write the ZIP here')
    .option('--force', 'replace the file if it is there')
    .option('--idempotency-key <key>', 'the same key and input create nothing twice')
    .action((flags: CreateFlags, command: Command) =>
      context.withSite(command, async ({ client }) => {
        const file =
          flags.out === undefined ? null : await openCredentialsFile(flags.out, flags.force ?? false)
        try {
          const { gateway_id } = await provision(client, flags)
          if (file !== null) await receiveCredentials(client, { gateway: gateway_id }, file)
          const gateway = await client.gateways.show({ gateway: gateway_id })
          if (flags.json) {
            context.output.json({ ...gateway, file: file?.path ?? null })
            return
          }
          context.output.facts(await gatewayFacts(client, gateway))
          context.output.note(
            file === null
              ? `Its private key or secret waits, sealed, for 24 hours: millwright certs download ${gateway.code} --out FILE.zip`
              : `Wrote ${file.path}: keep it secret. The site has erased its copy.`,
          )
        } finally {
          await file?.discard()
        }
      }),
    )
}

/** Asks again once when the answer was lost on its way: with the same key the site gives the same gateway. */
async function provision(client: RestClient, flags: CreateFlags) {
  const input = {
    code: flags.code,
    name: flags.name,
    ...given({
      mac_address: flags.mac,
      tenant: flags.tenant,
      group: flags.group,
      key_algorithm: flags.key,
      profile: flags.profile,
      dialect: flags.dialect,
      credential: flags.credential,
      aliases: flags.alias && readAliases(flags.alias),
      label: flags.label,
    }),
  }
  const options = { context: { idempotencyKey: flags.idempotencyKey ?? randomUUID() } }
  try {
    return await client.gateways.provision(input, options)
  } catch (error) {
    const lost =
      error instanceof ExpectedError && ['site_not_running', 'site_unreachable'].includes(error.code)
    if (!lost) throw error
    return client.gateways.provision(input, options)
  }
}
