import { type Command, Option } from 'commander'
import { CliError } from '../cli-error.ts'
import type { CommandContext } from '../command-context.ts'
import { needTerminal, saysYes } from '../sign-in/ask.ts'
import { connectSite, type SiteConnection } from '../site/connect-site.ts'
import { dataOption } from '../site-options.ts'
import { isoTime } from '../time-argument.ts'
import { addCloudOptions, type CloudFlags, readCloudLogin } from './cloud-flags.ts'
import { addLimitOptions, type LimitFlags, limitsOf } from './limit-flags.ts'
import { showStatus } from './show-status.ts'
import { addChoiceOptions, CHOICE_HELP, type ChoiceFlags, everything, readChoices } from './tenant-choices.ts'

type JoinFlags = CloudFlags &
  ChoiceFlags &
  LimitFlags & { data?: string; site?: string; insideNetwork?: boolean; takeOver?: boolean; yes?: boolean }

type Preview = Awaited<ReturnType<SiteConnection['client']['cloud']['preview']>>

/** `millwright cloud preview|join|login`: with the login that the cloud's administrator gave. */
export function addJoinCommands(group: Command, context: CommandContext): void {
  const joining = (name: string) =>
    addLimitOptions(addChoiceOptions(addJoinOptions(group.command(name)), context))

  joining('preview')
    .summary('look at a cloud: who it is, what would be sent, how long it takes; writes nothing')
    .action((flags: JoinFlags) =>
      withSiteOf(flags, async (site) => {
        const preview = await previewOf(context, site, flags)
        if (flags.json) context.output.json(preview)
        else showPreview(context, flags, preview)
      }),
    )

  joining('join')
    .summary('join a cloud: from now on data is sent')
    .option(
      '--take-over',
      'the installation that used this login is gone: this one takes its place, once that is silent for three minutes',
    )
    .option('--yes', 'do not ask once more')
    .action((flags: JoinFlags) =>
      withSiteOf(flags, async (site) => {
        if (flags.tenant === undefined)
          throw new CliError('usage', `Say what is sent: --tenant ${CHOICE_HELP}`)
        const login = await readCloudLogin(context, flags)
        const tenants = await readChoices(site.client, flags)
        const { insideNetwork = false, takeOver = false } = flags
        const body = { ...login, insideNetwork, tenants, limits: limitsOf(flags) }
        if (flags.yes !== true) {
          needTerminal('look with "millwright cloud preview", then give --yes')
          showPreview(context, flags, await site.client.cloud.preview(body))
          if (!(await saysYes('Join, and send from now on?'))) {
            context.output.line('Nothing was sent')
            return
          }
        }
        const status = await site.client.cloud.join({ ...body, takeOver })
        showStatus(context, flags, { joined: true, status })
      }),
    )

  addJoinOptions(group.command('login'))
    .summary('give the link another address or login of the same cloud; it is tried first')
    .action((flags: JoinFlags) =>
      withSiteOf(flags, async (site) => {
        const login = await readCloudLogin(context, flags)
        const status = await site.client.cloud.setLogin({
          ...login,
          insideNetwork: flags.insideNetwork === true,
        })
        showStatus(context, flags, { joined: true, status })
      }),
    )
}

function addJoinOptions(command: Command): Command {
  return addCloudOptions(command)
    .option('--inside-network', 'the server stands in a private network')
    .addOption(dataOption())
    .addOption(
      new Option(
        '--site <address>',
        'a site elsewhere, where "millwright login" was done: https://host:8443',
      ).env('MILLWRIGHT_URL'),
    )
}

async function withSiteOf(flags: JoinFlags, work: (site: SiteConnection) => Promise<void>): Promise<void> {
  const { data, site: url } = flags
  const apiKey = process.env['MILLWRIGHT_API_KEY'] || undefined
  const site = await connectSite(url === undefined ? { data } : { url, apiKey })
  try {
    await work(site)
  } finally {
    await site.close()
  }
}

async function previewOf(
  context: CommandContext,
  { client }: SiteConnection,
  flags: JoinFlags,
): Promise<Preview> {
  const login = await readCloudLogin(context, flags)
  const tenants =
    flags.tenant === undefined ? await everything(client, flags.from) : await readChoices(client, flags)
  const { insideNetwork = false } = flags
  return client.cloud.preview({ ...login, insideNetwork, tenants, limits: limitsOf(flags) })
}

function showPreview({ output }: CommandContext, flags: LimitFlags, preview: Preview): void {
  const { certificate, address, lastUsed } = preview
  output.facts([
    ['Cloud', `${address.host}:${address.port}/${address.database}`],
    ['Calls this site', preview.siteName],
    ['Login used', lastUsed && `${isoTime(lastUsed.at)}, by Millwright ${lastUsed.version ?? '?'}`],
    ['Postgres', `${preview.serverVersion}, schema ${preview.schemaVersion}, ${preview.storage}`],
    ['Certificate', `${certificate.subject}, until ${isoTime(certificate.notAfter)}`],
    ['Signed by', certificate.issuer],
    ['Fingerprint', certificate.fingerprint],
    ['Round trip', `${preview.roundTrip} ms`],
    ['Clock', `${preview.clockOffset} ms from the cloud's`],
  ])
  output.line()
  output.table(
    ['TENANT', 'MODE', 'FROM', 'IN THE CLOUD', 'OBJECTS', 'READINGS', 'BYTES'],
    preview.tenants.map(({ slug, mode, fromAt, linkedWith, objects, readings, bytes }) => [
      slug,
      mode,
      mode === 'telemetry' ? (fromAt === null ? 'the first' : isoTime(fromAt)) : '-',
      mode === 'off' ? '-' : (linkedWith?.slug ?? 'its own'),
      objects,
      readings,
      bytes,
    ]),
  )
  if (preview.sharedTenants.length > 0) {
    output.line()
    output.table(
      ['SHARED WITH THIS SITE', 'NAME', 'ID'],
      preview.sharedTenants.map(({ slug, name, id }) => [slug, name, id]),
    )
    output.line(
      flags.takeTenants === true
        ? 'Those that are not linked come here: what is put into them here goes to the cloud'
        : 'Those that are not linked stay there; --take-tenants on has them come here',
    )
  }
  output.line()
  output.line(`About ${preview.seconds} s to send what is stored`)
}
