import type { Command } from 'commander'
import { given } from '../arguments.ts'
import { CliError } from '../cli-error.ts'
import type { CommandContext, SiteFlags } from '../command-context.ts'
import { openOutputFile } from '../files/output-file.ts'
import { openCredentialsFile, receiveCredentials } from '../hand-over.ts'
import type { SiteConnection } from '../site/connect-site.ts'
import { addSiteOptions, addTenantOption } from '../site-options.ts'

interface DownloadFlags extends SiteFlags {
  tenant?: string
  out?: string
  force?: boolean
  web?: boolean
  crl?: boolean
}

/** `millwright certs …` */
export function addCertsCommands(program: Command, context: CommandContext): void {
  const group = program.command('certs').summary('certificates of the site and its gateways')

  addTenantOption(addSiteOptions(group.command('list').argument('[gateway]', 'only of this gateway')))
    .summary('certificates with their ends and states')
    .action((gateway: string | undefined, flags: SiteFlags & { tenant?: string }, command: Command) =>
      context.withSite(command, async ({ client }) => {
        const { certificates } = await client.certificates.list(given({ gateway, tenant: flags.tenant }))
        if (flags.json) {
          context.output.json({ certificates })
          return
        }
        context.output.table(
          ['KIND', 'GATEWAY', 'STATE', 'VALID UNTIL', 'DUE', 'SERIAL', 'SHA-256'],
          certificates.map((one) => [
            one.kind,
            one.gatewayCode ?? '-',
            one.state,
            one.notAfter,
            one.dueAt,
            one.serial,
            one.fingerprint,
          ]),
        )
      }),
    )

  addTenantOption(
    addSiteOptions(group.command('download').argument('[gateway]', 'code or id; the CA where left out')),
  )
    .summary("a gateway's ZIP, or the CA that gateways trust")
    .description(
      'With a gateway: the ZIP with its private key, which the site then erases. Without: the CA that gateways trust (ca.crt), in PEM.',
    )
    .option('--out <file>', 'write here; CA and CRL go to standard output where left out')
    .option('--force', 'replace the file if it is there')
    .option('--web', 'the CA that browsers and --ca trust')
    .option('--crl', 'the revocation list')
    .action((gateway: string | undefined, flags: DownloadFlags, command: Command) =>
      context.withSite(command, (site) =>
        gateway === undefined
          ? downloadPublic(context, site, flags)
          : downloadZip(context, site, gateway, flags),
      ),
    )
}

async function downloadZip(
  { output }: CommandContext,
  { client }: SiteConnection,
  gateway: string,
  flags: DownloadFlags,
): Promise<void> {
  if (flags.out === undefined)
    throw new CliError('usage', 'The ZIP holds a private key: name a file with --out')
  if (flags.web || flags.crl) throw new CliError('usage', '--web and --crl go without a gateway')
  const found = await client.gateways.show({ gateway, ...given({ tenant: flags.tenant }) })
  const file = await openCredentialsFile(flags.out, flags.force ?? false)
  try {
    await receiveCredentials(client, { gateway: found.id }, file)
  } finally {
    await file.discard()
  }
  if (flags.json) output.json({ gateway: found.code, file: file.path, erased: true })
  else output.line(`Wrote ${file.path}: keep it secret. The site has erased its copy of the private key.`)
}

async function downloadPublic(
  { output }: CommandContext,
  site: SiteConnection,
  flags: DownloadFlags,
): Promise<void> {
  if (flags.web && flags.crl) throw new CliError('usage', 'Give either --web or --crl')
  const pem = await readPublic(site, flags)
  if (flags.out === undefined) {
    if (flags.json) output.json({ pem })
    else await output.stream(pem)
    return
  }
  const file = await openOutputFile(flags.out, { overwrite: flags.force ?? false })
  try {
    await file.write(pem)
    await file.commit()
  } finally {
    await file.discard()
  }
  if (flags.json) output.json({ file: file.path })
  else output.line(`Wrote ${file.path}`)
}

async function readPublic(site: SiteConnection, flags: DownloadFlags): Promise<string> {
  const file = flags.crl ? 'crl.pem' : flags.web ? 'web-ca.crt' : 'ca.crt'
  return (await site.get(`/pki/${file}`)).text()
}
