import { type Command, Option } from 'commander'
import { CliError } from '../cli-error.ts'
import type { CommandContext } from '../command-context.ts'
import { needTerminal } from '../sign-in/ask.ts'
import { addCloudOptions, type CloudFlags } from './cloud-flags.ts'

/** The schema and the Postgres driver are read only by those who use them. */
const actions = () => import('./administrator-actions.ts')

/** What the cloud's administrator does: `millwright cloud init --url …` and the like. */
export function addAdministratorCommands(group: Command, context: CommandContext): void {
  addCloudOptions(group.command('init'))
    .summary('make the schema in a Postgres, or bring it up to date')
    .addOption(
      new Option('--storage <kind>', 'how readings are kept; auto: TimescaleDB where the server has it')
        .choices(['auto', 'native', 'timescale'])
        .default('auto'),
    )
    .action(async (flags: CloudFlags & { storage: 'auto' | 'native' | 'timescale' }) =>
      (await actions()).init(context, flags),
    )

  addCloudOptions(group.command('add-site'))
    .summary('make the login of a site; its password is shown once')
    .requiredOption('--name <name>', 'what the cloud calls the site: "Plant A"')
    .option('--all-tenants', 'every tenant of the cloud is shared with this site')
    .action(async (flags: CloudFlags & { name: string; allTenants?: boolean }) => {
      const name = flags.name.trim()
      if (name === '') throw new CliError('usage', '--name: write what the site is called')
      await (await actions()).makeSite(context, flags, { name, allTenants: flags.allTenants === true })
    })

  addCloudOptions(group.command('remove-site').argument('<site>', 'name or id'))
    .summary('take the login of a site away')
    .option('--delete-data', 'and delete everything that it sent')
    .option('--yes', 'do not ask before deleting')
    .action(async (site: string, flags: CloudFlags & { deleteData?: boolean; yes?: boolean }) => {
      const deleteData = flags.deleteData === true
      const asks = deleteData && flags.yes !== true
      if (asks) needTerminal('to delete what it sent, give --yes')
      await (await actions()).dropSite(context, flags, { site, deleteData, asks })
    })

  addSharing(group, context)
  addReaders(group, context)
}

function addSharing(group: Command, context: CommandContext): void {
  const sharing = (name: 'share' | 'unshare', summary: string) =>
    addCloudOptions(group.command(name))
      .summary(summary)
      .requiredOption('--tenant <tenant>', 'short name or id in the cloud')
      .requiredOption('--site <site>', 'name or id')
      .action(async (flags: CloudFlags & { tenant: string; site: string }) =>
        (await actions()).setSharing(context, flags, name === 'share'),
      )
  sharing('share', 'give a tenant of the cloud to another site')
  sharing('unshare', 'end that; what the site sent stays')
}

function addReaders(group: Command, context: CommandContext): void {
  addCloudOptions(group.command('add-reader'))
    .summary('make a login that reads one tenant, for reports and Grafana')
    .requiredOption('--tenant <tenant>', 'short name or id in the cloud')
    .action(async (flags: CloudFlags & { tenant: string }) => (await actions()).makeReader(context, flags))

  addCloudOptions(group.command('remove-reader'))
    .summary('take that login away')
    .requiredOption('--tenant <tenant>', 'short name or id in the cloud')
    .action(async (flags: CloudFlags & { tenant: string }) => (await actions()).dropReader(context, flags))

  addCloudOptions(group.command('add-emqx-reader'))
    .summary('make a login for EMQX: it reads who may connect, and nothing else')
    .action(async (flags: CloudFlags) => (await actions()).makeEmqxReader(context, flags))

  addCloudOptions(group.command('rotate'))
    .summary('give a login a new password; the old one ends at once')
    .option('--site <site>', 'of a site: name or id')
    .option('--reader <tenant>', 'of the reader of a tenant: short name or id')
    .option('--emqx', 'of EMQX')
    .action(async (flags: CloudFlags & RotateFlags) => {
      const of = loginOf(flags)
      await (await actions()).rotate(context, flags, of)
    })
}

interface RotateFlags {
  site?: string
  reader?: string
  emqx?: boolean
}

/** @throws CliError `usage` */
function loginOf({
  site,
  reader,
  emqx,
}: RotateFlags): { site: string } | { reader: string } | { emqx: true } {
  const named = [
    ...(site === undefined ? [] : [{ site }]),
    ...(reader === undefined ? [] : [{ reader }]),
    ...(emqx === true ? [{ emqx }] : []),
  ]
  const [of, another] = named
  if (of === undefined || another !== undefined)
    throw new CliError('usage', 'Say whose: one of --site, --reader and --emqx')
  return of
}
