import type { Command } from 'commander'
import type { CloudLimits } from '#contract/model/cloud.ts'
import { given, wholeNumber } from '../arguments.ts'
import { CliError } from '../cli-error.ts'
import type { CommandContext, SiteFlags } from '../command-context.ts'
import { addSiteOptions } from '../site-options.ts'
import { parseInstant } from '../time-argument.ts'
import { showStatus } from './show-status.ts'
import { CHOICE_HELP, type ChoiceFlags, collect, readChoices } from './tenant-choices.ts'

/** `millwright cloud status|pause|resume|…`: of a running site that has joined. */
export function addLinkCommands(group: Command, context: CommandContext): void {
  addSiteOptions(group.command('status'))
    .summary('how the link is; with --url postgres://… what the cloud says of all its sites')
    .action(async (flags: SiteFlags, command: Command) => {
      const { url } = flags
      if (url !== undefined && /^postgres(ql)?:/i.test(url)) {
        const { showCloud } = await import('./administrator-status.ts')
        return showCloud(context, { ...given(flags), url })
      }
      return context.withSite(command, async ({ client }) =>
        showStatus(context, flags, await client.cloud.show()),
      )
    })

  const simple = (name: string, summary: string, method: 'pause' | 'resume' | 'keepThis') =>
    addSiteOptions(group.command(name))
      .summary(summary)
      .action((flags: SiteFlags, command: Command) =>
        context.withSite(command, async ({ client }) =>
          showStatus(context, flags, { joined: true, status: await client.cloud[method]() }),
        ),
      )
  simple('pause', 'send and take nothing until resumed', 'pause')
  simple('resume', 'go on, or try again now', 'resume')
  simple('keep-this', 'of two copies of a site, this one stays linked; the other stops', 'keepThis')

  addSiteOptions(group.command('leave'))
    .summary('stop sending and forget the login')
    .option('--delete-sent', 'first delete in the cloud what this site sent')
    .action((flags: SiteFlags & { deleteSent?: boolean }, command: Command) =>
      context.withSite(command, async ({ client }) => {
        const left = await client.cloud.leave({ deleteSent: flags.deleteSent === true })
        if (flags.json) context.output.json(left)
        else
          context.output.line(
            flags.deleteSent === true
              ? `Left; deleted in the cloud: ${left.deletedReadings} readings, ${left.deletedObjects} objects`
              : 'Left; what was sent stays in the cloud',
          )
      }),
    )

  addSiteOptions(group.command('tenants'))
    .summary('what of which tenant is sent')
    .option('--tenant <choice>', CHOICE_HELP, collect)
    .option(
      '--from <time>',
      'readings from this time on; all that are stored where left out',
      (text: string) => parseInstant(text, context.now()),
    )
    .option(
      '--link <pair>',
      'tenant=ID: it is the same as this tenant of the cloud; may be repeated',
      collect,
    )
    .action((flags: SiteFlags & ChoiceFlags, command: Command) =>
      context.withSite(command, async ({ client }) => {
        if (flags.tenant === undefined)
          throw new CliError('usage', `Say what is sent: --tenant ${CHOICE_HELP}`)
        const status = await client.cloud.setTenants({ tenants: await readChoices(client, flags) })
        showStatus(context, flags, { joined: true, status })
      }),
    )

  addLimits(group, context)
  addResync(group, context)
}

interface LimitFlags extends SiteFlags {
  bytesPerSecond?: number | null
  hours?: CloudLimits['window']
  passwordHashes?: boolean
}

function addLimits(group: Command, context: CommandContext): void {
  addSiteOptions(group.command('limits'))
    .summary('how fast, at which hours, and whether password hashes are sent')
    .option('--bytes-per-second <bytes>', 'speed limit; "none" for none', (text: string) =>
      text === 'none' ? null : wholeNumber(1_000, 1_000_000_000)(text),
    )
    .option('--hours <span>', 'readings only then, site time: 22:00-06:00; "always" for any time', readHours)
    .option('--password-hashes <on|off>', 'whether the hashes of people are sent', readSwitch)
    .action((flags: LimitFlags, command: Command) =>
      context.withSite(command, async ({ client }) => {
        const { bytesPerSecond, hours: window, passwordHashes: sendsPasswordHashes } = flags
        const limits = given({ bytesPerSecond, window, sendsPasswordHashes })
        if (Object.keys(limits).length === 0)
          throw new CliError('usage', 'Say what changes: --bytes-per-second, --hours or --password-hashes')
        showStatus(context, flags, { joined: true, status: await client.cloud.setLimits(limits) })
      }),
    )
}

function addResync(group: Command, context: CommandContext): void {
  const instant = (text: string) => parseInstant(text, context.now())
  addSiteOptions(group.command('resync'))
    .summary('compare readings with the cloud and mend what differs')
    .option('--tenant <tenant>', 'short name or id; all that send readings where left out')
    .option('--channel <id>', 'id of a channel, may be repeated; all where left out', collect)
    .option('--from <time>', 'from this time on', instant)
    .option('--to <time>', 'up to this time', instant)
    .option('--cancel <pass>', 'end a resync or a pass over history that is under way')
    .action((flags: SiteFlags & ResyncFlags, command: Command) =>
      context.withSite(command, async ({ client }) => {
        if (flags.cancel !== undefined) {
          await client.cloud.cancelSweep({ sweepId: flags.cancel })
          if (flags.json) context.output.json({ cancelled: true })
          else context.output.line('Ended; what was sent stays')
          return
        }
        const { tenant, channel, from = null, to = null } = flags
        const tenantId = tenant === undefined ? null : (await client.tenants.show({ tenant })).id
        const sweep = await client.cloud.resync({ tenantId, channelIds: channel ?? null, from, to })
        if (flags.json) context.output.json(sweep)
        else context.output.line(`Under way: ${sweep.id}. See: millwright cloud status`)
      }),
    )
}

interface ResyncFlags {
  tenant?: string
  channel?: string[]
  from?: number
  to?: number
  cancel?: string
}

function readHours(text: string): CloudLimits['window'] {
  if (text === 'always') return null
  const match = /^(\d{1,2}):(\d\d)-(\d{1,2}):(\d\d)$/.exec(text)
  const [hour = 24, minute = 60, toHour = 24, toMinute = 60] = (match ?? []).slice(1).map(Number)
  if (hour > 23 || minute > 59 || toHour > 23 || toMinute > 59)
    throw new CliError('usage', '--hours: write 22:00-06:00, or "always"')
  return { from: hour * 60 + minute, to: toHour * 60 + toMinute }
}

function readSwitch(text: string): boolean {
  if (text !== 'on' && text !== 'off') throw new CliError('usage', '--password-hashes: write "on" or "off"')
  return text === 'on'
}
