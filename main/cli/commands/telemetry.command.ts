import { type Command, Option } from 'commander'
import { given, wholeNumber } from '../arguments.ts'
import type { CommandContext, SiteFlags } from '../command-context.ts'
import { addSiteOptions, addTenantOption } from '../site-options.ts'
import { exportReadings } from '../telemetry/export-readings.ts'
import { queryReadings } from '../telemetry/query-readings.ts'
import { isoTime, parseInstant } from '../time-argument.ts'

/** Which readings: shared by `latest`, `query` and `export`. */
export interface TelemetryFlags extends SiteFlags {
  gateway: string
  tenant?: string
  channel?: string
  /** ms. */
  from?: number
  /** ms. */
  to?: number
}

/** `millwright telemetry …` */
export function addTelemetryCommands(program: Command, context: CommandContext): void {
  const group = program.command('telemetry').summary('readings: latest, over time, as CSV')

  addTenantOption(addSiteOptions(group.command('latest')))
    .summary('latest reading of each channel')
    .option('--gateway <gateway>', 'only of this one: code or id')
    .option('--channel <channel>', 'only this one: key, name or id')
    .action((flags: Partial<TelemetryFlags>, command: Command) =>
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

  addRangeOptions(group.command('query'), context)
    .summary('readings of a channel, or buckets of them')
    .option(
      '--buckets <count>',
      'equal spans with count, minimum, maximum and average',
      wholeNumber(1, 10_000),
    )
    .option('--limit <count>', 'stop after so many readings', wholeNumber(1, 100_000_000))
    .addOption(
      new Option('--order <order>', 'by time').choices(['ascending', 'descending']).default('ascending'),
    )
    .action((flags: Parameters<typeof queryReadings>[2], command: Command) =>
      context.withSite(command, ({ client }) => queryReadings(context.output, client, flags)),
    )

  addRangeOptions(group.command('export'), context)
    .summary('readings as CSV')
    .option('--out <file>', 'write here; standard output where left out')
    .option('--force', 'replace the file if it is there')
    .option('--raw', 'leave text as it is: no apostrophe before what a spreadsheet would run')
    .action((flags: Parameters<typeof exportReadings>[2], command: Command) =>
      context.withSite(command, (site) => exportReadings(context, site, flags)),
    )
}

function addRangeOptions(command: Command, { now }: CommandContext): Command {
  const instant = (text: string): number => parseInstant(text, now())
  return addTenantOption(addSiteOptions(command))
    .requiredOption('--gateway <gateway>', 'code or id')
    .option('--channel <channel>', 'key, name or id; may be left out where there is one')
    .option('--from <time>', 'inclusive: ISO 8601, ms, or relative such as -24h', instant)
    .option('--to <time>', 'exclusive; now where left out', instant)
}

function valueText(value: string | number | boolean | undefined): string | number {
  if (value === undefined) return '-'
  return typeof value === 'number' ? value : String(value)
}
