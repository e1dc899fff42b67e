import { type Command, Option } from 'commander'
import { given, wholeNumber } from '../arguments.ts'
import type { CommandContext, SiteFlags } from '../command-context.ts'
import { addSiteOptions, addTenantOption } from '../site-options.ts'
import { type QueryFlags, queryReadings } from '../telemetry/query-readings.ts'
import { spanFunctions } from '../telemetry/span-flags.ts'
import { isoTime } from '../time-argument.ts'
import { addRangeOptions, addSpanOptions, addTelemetryFigureCommands } from './telemetry-figures.command.ts'
import { addTelemetryFileCommands } from './telemetry-files.command.ts'

interface LatestFlags extends SiteFlags {
  gateway?: string
  tenant?: string
  channel?: string
}

/** `millwright telemetry …` */
export function addTelemetryCommands(program: Command, context: CommandContext): void {
  const group = program.command('telemetry').summary('readings: latest, over time, as files')

  addTenantOption(addSiteOptions(group.command('latest')))
    .summary('latest reading of each channel')
    .option('--gateway <gateway>', 'only of this one: code or id')
    .option('--channel <channel>', 'only this one: key, name or id')
    .action((flags: LatestFlags, command: Command) =>
      context.withSite(command, async ({ client }) => {
        const { gateway, tenant, channel } = flags
        const { channels } = await client.telemetry.latest(given({ gateway, tenant, channel }))
        const rows = channels.map(({ latest, ...one }) => ({
          ...one,
          latest: latest === null ? null : { time: isoTime(latest.ts), ...latest },
        }))
        if (flags.json) {
          context.output.json({ channels: rows })
          return
        }
        context.output.table(
          ['GATEWAY', 'CHANNEL', 'VALUE', 'UNIT', 'TIME'],
          rows.map((one) => [
            one.gateway,
            one.channel,
            valueText(one.latest?.value),
            one.unit ?? '',
            one.latest?.time ?? '-',
          ]),
        )
      }),
    )

  addSpanOptions(addRangeOptions(group.command('query'), context))
    .summary('readings of channels, or spans of them')
    .addOption(
      new Option('--function <names...>', 'columns of a span, where fewer or others are wanted').choices(
        spanFunctions,
      ),
    )
    .option('--limit <count>', 'stop after so many readings', wholeNumber(1, 100_000_000))
    .addOption(
      new Option('--order <order>', 'by time').choices(['ascending', 'descending']).default('ascending'),
    )
    .action((flags: QueryFlags, command: Command) =>
      context.withSite(command, ({ client }) => queryReadings(context.output, client, flags)),
    )

  addTelemetryFigureCommands(group, context)
  addTelemetryFileCommands(group, context)
}

function valueText(value: string | number | boolean | undefined): string | number {
  if (value === undefined) return '-'
  return typeof value === 'number' ? value : String(value)
}
