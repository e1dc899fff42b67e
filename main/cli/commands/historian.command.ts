import { join, resolve } from 'node:path'
import { type Command, Option } from 'commander'
import { defaultDataDir } from '#site/data-dir.ts'
import { wholeNumber } from '../arguments.ts'
import type { CommandContext } from '../command-context.ts'
import type { ReadFlags } from '../historian/read-months.ts'
import { addJsonOption, dataOption } from '../site-options.ts'
import { parseInstant } from '../time-argument.ts'

interface StoreFlags {
  data?: string
  json?: boolean
}

/** `millwright historian …`: the store's own files, on the disk of this machine. */
export function addHistorianCommands(program: Command, context: CommandContext): void {
  const group = program.command('historian').summary('the files that readings are kept in')
  const instant = (text: string) => parseInstant(text, context.now())
  const onStore = (name: string) => addJsonOption(group.command(name).addOption(dataOption()))

  onStore('stats')
    .summary('what readings take on the disk, month by month')
    .description('Months, classes, sizes and readings of the store. Works beside a running site.')
    .action(async (flags: StoreFlags) => {
      const { showStats } = await import('../historian/show-stats.ts')
      showStats(context, storeOf(flags), flags.json ?? false)
    })

  onStore('verify')
    .summary('read everything, and tell what is wrong')
    .description(
      'Checks each file, block, rollup and correction. Works beside a running site and changes nothing. Exit code 1: something is damaged.',
    )
    .action(async (flags: StoreFlags) => {
      const { verify } = await import('../historian/check-store.ts')
      await verify(context, storeOf(flags), flags.json ?? false)
    })

  onStore('repair')
    .summary('make good what verify finds; the site is stopped')
    .description(
      'Rebuilds what can be rebuilt, puts damaged blocks aside, saves what can be read of a damaged file. Needs the site stopped. Exit code 1: something could not be repaired.',
    )
    .action(async (flags: StoreFlags) => {
      const { repair } = await import('../historian/repair-store.ts')
      await repair(context, storeOf(flags), flags.json ?? false)
    })

  onStore('compact')
    .summary('give room back to the disk; the site is stopped')
    .description('Joins the blocks of days with few readings and drops empty pages. Needs the site stopped.')
    .action(async (flags: StoreFlags) => {
      const { compact } = await import('../historian/compact-store.ts')
      await compact(context, storeOf(flags), flags.json ?? false)
    })

  group
    .command('read')
    .argument('<file...>', 'month files, such as 2026-11.standard.sqlite')
    .summary('print what month files hold, without a site')
    .description(
      'Prints the readings of month files, or their blocks, as CSV or JSON lines. Exit code 1: some blocks are damaged; they are named on standard error.',
    )
    .addOption(new Option('--format <format>', 'csv or jsonl').choices(['csv', 'jsonl']).default('csv'))
    .option('--blocks', 'a line a block, with its summary, instead of a line a reading')
    .option('--series <id>', 'only of this series', wholeNumber(1, Number.MAX_SAFE_INTEGER))
    .option('--from <time>', 'from this time on', instant)
    .option('--to <time>', 'before this time', instant)
    .action(async (files: string[], flags: ReadFlags) => {
      const { readMonths } = await import('../historian/read-months.ts')
      await readMonths(context, files, flags)
    })
}

/** The store's folder in a site's data folder. */
function storeOf({ data }: StoreFlags): string {
  return join(resolve(data ?? defaultDataDir()), 'telemetry')
}
