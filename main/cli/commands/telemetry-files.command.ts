import { type Command, Option } from 'commander'
import { exportFunctions } from '#contract/model/telemetry-file.ts'
import type { CommandContext } from '../command-context.ts'
import { addSiteOptions, addTenantOption } from '../site-options.ts'
import { type ExportFlags, exportReadings } from '../telemetry/export-readings.ts'
import { type ImportFlags, importReadings } from '../telemetry/import-readings.ts'
import { parseDuration, parseInstant } from '../time-argument.ts'

/** `millwright telemetry export | import` */
export function addTelemetryFileCommands(group: Command, context: CommandContext): void {
  const instant = (text: string): number => parseInstant(text, context.now())

  addTenantOption(addSiteOptions(group.command('export')))
    .summary('readings as a CSV or Parquet file')
    .option('--gateway <gateway>', 'code or id, may be repeated; all where left out', collect)
    .option('--channel <channel>', 'key, name or id, may be repeated; all where left out', collect)
    .option('--from <time>', 'inclusive: ISO 8601, ms, or relative such as -24h', instant)
    .option('--to <time>', 'exclusive; now where left out', instant)
    .addOption(new Option('--format <format>', 'kind of file').choices(['csv', 'parquet']).default('csv'))
    .option('--wide', 'one line a time and one column a channel, instead of one line a reading')
    .option('--interval <span>', 'with --wide, one line for each span such as 1m, 1h', parseDuration)
    .option(
      '--functions <names>',
      `of an interval, with commas: ${exportFunctions.join(', ')}; avg where left out`,
    )
    .option('-o, --out <file>', 'write here; standard output where left out')
    .option('--force', 'replace the file if it is there')
    .option('--raw', 'leave text as it is: no apostrophe before what a spreadsheet would run')
    .option('--job', 'let the site write the file as a job first, which survives a broken connection')
    .action((flags: ExportFlags, command: Command) =>
      context.withSite(command, (site) => exportReadings(context, site, flags)),
    )

  addTenantOption(addSiteOptions(group.command('import').argument('<file>', 'CSV, long or wide')))
    .summary('history from a CSV file')
    .requiredOption('--gateway <gateway>', 'that gets the readings: code or id')
    .option('--dry-run', 'only say what the file holds')
    .addOption(new Option('--layout <layout>', 'found out where left out').choices(['long', 'wide']))
    .addOption(new Option('--separator <separator>', 'found out where left out').choices([',', ';', 'tab']))
    .addOption(new Option('--decimal <mark>', 'found out where left out').choices(['.', ',']))
    .addOption(new Option('--time <kind>', 'found out where left out').choices(['iso', 's', 'ms']))
    .option('--time-zone <zone>', 'of times without one, such as America/Sao_Paulo; UTC where left out')
    .option('--raw', 'leave apostrophes before text as they are')
    .option('--no-wait', 'start the job and return')
    .action((file: string, flags: ImportFlags, command: Command) =>
      context.withSite(command, (site) => importReadings(context, site, file, flags)),
    )
}

function collect(value: string, before: string[] = []): string[] {
  return [...before, value]
}
