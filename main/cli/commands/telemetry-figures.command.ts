import { type Command, InvalidArgumentError } from 'commander'
import { wholeNumber } from '../arguments.ts'
import type { CommandContext } from '../command-context.ts'
import { addSiteOptions, addTenantOption } from '../site-options.ts'
import {
  type ConsumptionFlags,
  type GapsFlags,
  type OneChannelFlags,
  type StatesFlags,
  showConsumption,
  showCorrections,
  showGaps,
  showStates,
} from '../telemetry/figures.ts'
import { parseDuration, parseInstant } from '../time-argument.ts'

/** `millwright telemetry consumption | states | gaps | corrections` */
export function addTelemetryFigureCommands(group: Command, context: CommandContext): void {
  addSpanOptions(addRangeOptions(group.command('consumption'), context))
    .summary('how much counters rose, in all or in each span')
    .option('--rollover <value>', 'where the counter begins anew from 0, such as 100000', positiveNumber)
    .action((flags: ConsumptionFlags, command: Command) =>
      context.withSite(command, ({ client }) => showConsumption(context.output, client, flags)),
    )

  addSpanOptions(addOneChannelOptions(group.command('states'), context))
    .summary('how long each state of a channel lasted')
    .action((flags: StatesFlags, command: Command) =>
      context.withSite(command, ({ client }) => showStates(context.output, client, flags)),
    )

  addOneChannelOptions(group.command('gaps'), context)
    .summary('spans without readings')
    .option('--longer-than <span>', 'such as 30s, 5m; a minute where left out', parseDuration)
    .option('--limit <count>', 'at most so many', wholeNumber(1, 1_000))
    .action((flags: GapsFlags, command: Command) =>
      context.withSite(command, ({ client }) => showGaps(context.output, client, flags)),
    )

  addOneChannelOptions(group.command('corrections'), context)
    .summary('values that newer ones replaced')
    .action((flags: OneChannelFlags, command: Command) =>
      context.withSite(command, ({ client }) => showCorrections(context.output, client, flags)),
    )
}

/** One or several channels, and when. */
export function addRangeOptions(command: Command, context: CommandContext): Command {
  return addTimes(
    addTenantOption(addSiteOptions(command))
      .option('--gateway <gateway>', 'code or id; may be left out where channels are named by their ids')
      .option(
        '--channel <channels...>',
        'key, name or id, or =name of a calculated one; may be left out where there is one',
      ),
    context,
  )
}

function addOneChannelOptions(command: Command, context: CommandContext): Command {
  return addTimes(
    addTenantOption(addSiteOptions(command))
      .requiredOption('--gateway <gateway>', 'code or id')
      .option('--channel <channel>', 'key, name or id; may be left out where there is one'),
    context,
  )
}

function addTimes(command: Command, { now }: CommandContext): Command {
  const instant = (text: string): number => parseInstant(text, now())
  return command
    .option('--from <time>', 'inclusive: ISO 8601, ms, or relative such as -24h', instant)
    .option('--to <time>', 'exclusive; now where left out', instant)
}

export function addSpanOptions(command: Command): Command {
  return command
    .option('--buckets <count>', 'that many equal spans', wholeNumber(1, 10_000))
    .option('--interval <span>', 'spans of the site’s calendar: 5m, 1h, …, or shift, day, week, month, year')
}

function positiveNumber(text: string): number {
  const value = Number(text)
  if (!(value > 0 && Number.isFinite(value))) throw new InvalidArgumentError('write a number above 0.')
  return value
}
