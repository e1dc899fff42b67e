import type { Command } from 'commander'
import { ExpectedError } from '#contract/errors.ts'
import { given } from '../arguments.ts'
import { CliError } from '../cli-error.ts'
import type { CommandContext, SiteFlags } from '../command-context.ts'
import { readBounded } from '../files/read-bounded.ts'
import { addSiteOptions } from '../site-options.ts'

interface PublisherFlags extends SiteFlags {
  tenant?: string
  key?: string
}

const MOST_KEY_BYTES = 2_000

/** `millwright firmware publishers …` and `millwright firmware signed-only` */
export function addFirmwarePublisherCommands(firmware: Command, context: CommandContext): void {
  const { output } = context
  const group = firmware.command('publishers').summary('whose signature on firmware is trusted')

  addSiteOptions(group.command('list'))
    .summary('publishers, by name')
    .option('--tenant <slug>', 'those that this tenant trusts')
    .action((flags: PublisherFlags, command: Command) =>
      context.withSite(command, async ({ client }) => {
        const { publishers } = await client.firmware.listPublishers(given({ tenant: flags.tenant }))
        if (flags.json) return output.json({ publishers })
        const rows = publishers.map(({ name, tenant, fingerprint, bundles }) => [
          name,
          tenant?.slug ?? 'the site',
          fingerprint,
          bundles,
        ])
        output.table(['PUBLISHER', 'TRUSTED BY', 'FINGERPRINT', 'BUNDLES'], rows)
      }),
    )

  addSiteOptions(group.command('add').argument('<name>', 'what people call it'))
    .summary('trust the signature of a publisher')
    .requiredOption(
      '--key <file>',
      'Ed25519 public key: PEM, or its 32 bytes in Base64; "-" for standard input',
    )
    .option('--tenant <slug>', 'who trusts it; left out: the own tenant, or all of the site')
    .action((name: string, flags: PublisherFlags & { key: string }, command: Command) =>
      context.withSite(command, async ({ client }) => {
        const publicKey = (await readBounded(flags.key, MOST_KEY_BYTES)).toString('utf8')
        const added = await client.firmware.addPublisher({
          name,
          publicKey,
          ...given({ tenant: flags.tenant }),
        })
        if (flags.json) output.json(added)
        else output.line(`${added.name} is trusted: ${added.fingerprint}`)
      }),
    )

  addSiteOptions(group.command('remove').argument('<publisher>', 'name or id'))
    .summary('trust a publisher no more')
    .option('--tenant <slug>', 'who trusts it')
    .action((reference: string, flags: PublisherFlags, command: Command) =>
      context.withSite(command, async ({ client }) => {
        const { publishers } = await client.firmware.listPublishers(given({ tenant: flags.tenant }))
        const found = publishers.filter(({ id, name }) => id === reference || name === reference)
        const [publisher] = found
        if (publisher === undefined || found.length > 1)
          throw new ExpectedError('not_found', { what: 'publisher', id: reference })
        const removed = await client.firmware.removePublisher({ publisherId: publisher.id })
        if (flags.json) output.json(removed)
        else output.line(`${publisher.name} is trusted no more`)
      }),
    )

  addSiteOptions(firmware.command('signed-only').argument('[on|off]', 'left out: say which'))
    .summary('whether only bundles of trusted publishers are flashed')
    .option('--tenant <slug>', 'may be left out where there is one tenant')
    .action((choice: string | undefined, flags: PublisherFlags, command: Command) =>
      context.withSite(command, async ({ client }) => {
        const tenant = given({ tenant: flags.tenant })
        if (choice !== undefined && choice !== 'on' && choice !== 'off')
          throw new CliError('usage', `Write "on" or "off", not "${choice}"`)
        const settings =
          choice === undefined
            ? await client.firmware.settings(tenant)
            : await client.firmware.updateSettings({ ...tenant, signedOnly: choice === 'on' })
        if (flags.json) output.json(settings)
        else
          output.line(
            settings.signedOnly
              ? `${settings.tenant.name} flashes only bundles of publishers that it trusts`
              : `${settings.tenant.name} flashes any bundle`,
          )
      }),
    )
}
