import type { Command } from 'commander'
import { given } from '../arguments.ts'
import { CliError } from '../cli-error.ts'
import type { CommandContext, SiteFlags } from '../command-context.ts'
import { needTerminal, saysYes } from '../sign-in/ask.ts'
import { addSiteOptions } from '../site-options.ts'
import { parseInstant } from '../time-argument.ts'
import { addLimitOptions, type LimitFlags, limitsOf } from './limit-flags.ts'
import { deletedText, showStatus } from './show-status.ts'
import { addChoiceOptions, CHOICE_HELP, type ChoiceFlags, collect, readChoices } from './tenant-choices.ts'

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
    .option('--delete-sent', 'delete in the cloud what this site sent, and leave when that is done')
    .option('--yes', 'do not ask before deleting')
    .action((flags: SiteFlags & { deleteSent?: boolean; yes?: boolean }, command: Command) => {
      const asks = flags.deleteSent === true && flags.yes !== true
      if (asks) needTerminal('to delete what was sent, give --yes')
      return context.withSite(command, async ({ client }) => {
        if (asks && !(await saysYes('Delete in the cloud what this site sent? It is gone there for good.'))) {
          context.output.line('Nothing was deleted, and the site has not left')
          return
        }
        const left = await client.cloud.leave({ deleteSent: flags.deleteSent === true })
        if (flags.json) context.output.json(left)
        else if (left.joined)
          context.output.line(
            'Under way: the site leaves once what it sent is deleted there. See: millwright cloud status',
          )
        else
          context.output.line(
            flags.deleteSent === true && left.left !== null
              ? `Left; deleted in the cloud: ${deletedText(left.left)}`
              : 'Left; what was sent stays in the cloud',
          )
      })
    })

  addChoiceOptions(addSiteOptions(group.command('tenants')), context)
    .summary('what of which tenant is sent')
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

function addLimits(group: Command, context: CommandContext): void {
  addLimitOptions(addSiteOptions(group.command('limits')))
    .summary('how fast, at which hours, and what more is let through')
    .action((flags: SiteFlags & LimitFlags, command: Command) =>
      context.withSite(command, async ({ client }) => {
        const limits = limitsOf(flags)
        if (Object.keys(limits).length === 0)
          throw new CliError(
            'usage',
            'Say what changes: --bytes-per-second, --hours, --password-hashes or --take-tenants',
          )
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
