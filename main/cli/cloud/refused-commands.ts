import { type Command, Option } from 'commander'
import type { CloudConflict } from '#contract/model/cloud.ts'
import { given, wholeNumber } from '../arguments.ts'
import { CliError } from '../cli-error.ts'
import type { CommandContext, SiteFlags } from '../command-context.ts'
import { addSiteOptions } from '../site-options.ts'
import { isoTime } from '../time-argument.ts'
import { problemText } from './show-status.ts'

/** `millwright cloud dead-letters …` and `millwright cloud conflicts …` */
export function addRefusedCommands(group: Command, context: CommandContext): void {
  addDeadLetters(group.command('dead-letters').summary('what the cloud, or the site, refused'), context)
  addConflicts(
    group.command('conflicts').summary('fields that were changed here and elsewhere at once'),
    context,
  )
}

function addDeadLetters(group: Command, context: CommandContext): void {
  addSiteOptions(group.command('list'))
    .summary('newest first')
    .addOption(new Option('--kind <kind>', 'only these').choices(['reading', 'object']))
    .option('--limit <count>', 'at most so many', wholeNumber(1, 500), 100)
    .action((flags: SiteFlags & { kind?: 'reading' | 'object'; limit: number }, command: Command) =>
      context.withSite(command, async ({ client }) => {
        const { kind, limit } = flags
        const page = await client.cloud.deadLetters({ limit, ...given({ kind }) })
        if (flags.json) {
          context.output.json(page)
          return
        }
        context.output.table(
          ['ID', 'WAY', 'WHAT', 'TIME', 'VALUE', 'TRIES', 'REASON'],
          page.deadLetters.map((letter) => [
            letter.id,
            letter.direction,
            letter.kind === 'reading'
              ? `${letter.gateway ?? '?'}/${letter.channel ?? '?'}`
              : `${letter.entity ?? '?'} ${letter.entityId ?? ''}`,
            isoTime(letter.ts),
            letter.value === null ? '-' : String(letter.value).slice(0, 40),
            letter.attempts,
            problemText(letter.reason),
          ]),
        )
        if (page.next !== null) context.output.note(`${page.total} in all`)
      }),
    )

  addSiteOptions(group.command('retry').argument('[ids...]', 'ids; all where left out'))
    .summary('send them again')
    .action((ids: string[], flags: SiteFlags, command: Command) =>
      context.withSite(command, async ({ client }) => {
        const done = await client.cloud.retryDeadLetters({ ids: ids.length === 0 ? null : ids })
        if (flags.json) context.output.json(done)
        else context.output.line(`${done.retried} are sent again`)
      }),
    )

  addSiteOptions(group.command('edit').argument('<id>').argument('<value>', 'as it should have been'))
    .summary('correct the value of a refused reading, here too, and send it')
    .option('--text', 'the value is text, even if it looks like a number')
    .action((id: string, value: string, flags: SiteFlags & { text?: boolean }, command: Command) =>
      context.withSite(command, async ({ client }) => {
        await client.cloud.editDeadLetter({ deadLetterId: id, value: readValue(value, flags.text === true) })
        if (flags.json) context.output.json({ edited: true })
        else context.output.line('Corrected; it is sent')
      }),
    )

  addSiteOptions(group.command('discard').argument('<ids...>', 'ids'))
    .summary('give them up; readings stay at the site')
    .action((ids: string[], flags: SiteFlags, command: Command) =>
      context.withSite(command, async ({ client }) => {
        const done = await client.cloud.discardDeadLetters({ ids })
        if (flags.json) context.output.json(done)
        else context.output.line(`${done.discarded} are given up`)
      }),
    )

  addSiteOptions(group.command('export'))
    .summary('all of them as CSV, to standard output')
    .action((flags: SiteFlags, command: Command) =>
      context.withSite(command, async (site) => {
        if (flags.json) throw new CliError('usage', 'export writes CSV: leave --json out, or use list')
        const answer = await site.get('/api/v1/cloud/dead-letters.csv')
        await context.output.stream(await answer.text())
      }),
    )
}

function addConflicts(group: Command, context: CommandContext): void {
  addSiteOptions(group.command('list'))
    .summary('those that nobody has settled')
    .option('--all', 'settled ones too')
    .option('--limit <count>', 'at most so many', wholeNumber(1, 500), 100)
    .action((flags: SiteFlags & { all?: boolean; limit: number }, command: Command) =>
      context.withSite(command, async ({ client }) => {
        const which = flags.all === true ? 'all' : 'open'
        const page = await client.cloud.conflicts({ which, limit: flags.limit })
        if (flags.json) {
          context.output.json(page)
          return
        }
        context.output.table(
          ['ID', 'WHAT', 'FIELD', 'COUNTS', 'OTHER', 'SETTLED'],
          page.conflicts.map((conflict) => [
            conflict.id,
            `${conflict.entity} ${conflict.name}`,
            conflict.field,
            sideText(conflict.kept),
            sideText(conflict.other),
            isoTime(conflict.resolvedAt),
          ]),
        )
      }),
    )

  addSiteOptions(group.command('resolve').argument('<id>'))
    .summary('settle one: keep the value that counts, or use the other')
    .addOption(new Option('--use <which>', 'which value').choices(['kept', 'other']).makeOptionMandatory())
    .action((id: string, flags: SiteFlags & { use: 'kept' | 'other' }, command: Command) =>
      context.withSite(command, async ({ client }) => {
        const settled = await client.cloud.resolveConflict({ conflictId: id, use: flags.use })
        if (flags.json) context.output.json(settled)
        else context.output.line('Settled')
      }),
    )
}

function readValue(text: string, isText: boolean): number | boolean | string {
  if (isText) return text
  if (text === 'true' || text === 'false') return text === 'true'
  const value = Number(text)
  return text.trim() !== '' && Number.isFinite(value) ? value : text
}

function sideText({ value, by, site, at }: CloudConflict['kept']): string {
  const shown = typeof value === 'string' ? value : JSON.stringify(value)
  return `${shown} (${by === 'here' ? 'this site' : (site ?? by)}, ${isoTime(at)})`
}
