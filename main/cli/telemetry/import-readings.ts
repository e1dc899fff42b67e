import type { Job } from '#contract/model/job.ts'
import { type ImportOptions, type ImportReport, ImportReportSchema } from '#contract/model/telemetry-file.ts'
import { given } from '../arguments.ts'
import type { CommandContext } from '../command-context.ts'
import { uploadFile } from '../files/upload-file.ts'
import { waitForJob } from '../jobs/wait-for-job.ts'
import type { Output } from '../output.ts'
import type { SiteConnection } from '../site/connect-site.ts'
import { isoTime } from '../time-argument.ts'

export interface ImportFlags {
  gateway: string
  tenant?: string
  dryRun?: boolean
  layout?: ImportOptions['layout']
  separator?: ImportOptions['separator']
  decimal?: ImportOptions['decimal']
  time?: ImportOptions['time']
  timeZone?: string
  raw?: boolean
  wait: boolean
  json?: boolean
}

/** Sends a file to the site, has it checked or stored there, and says what came of it. */
export async function importReadings(
  context: CommandContext,
  site: SiteConnection,
  path: string,
  flags: ImportFlags,
): Promise<void> {
  const { output } = context
  const source = await uploadFile(context, site, path)
  const { gateway, tenant, layout, separator, decimal, time, timeZone, raw } = flags
  const job = await site.client.telemetryFiles.startImport({
    source,
    gateway,
    dryRun: flags.dryRun ?? false,
    ...given({ tenant, layout, separator, decimal, time, timeZone, raw }),
  })
  if (!flags.wait) {
    if (flags.json) output.json(job)
    else output.line(`Job ${job.id}: millwright jobs show ${job.id}`)
    return
  }
  const ended = await waitForJob(context, site, job)
  if (flags.json) output.json(ended)
  else printReport(output, ended)
}

function printReport(output: Output, job: Job): void {
  const report = ImportReportSchema.parse(job.result)
  output.facts(factsOf(report))
  const { problems, channels, channelCount } = report
  if (channels.length > 0) {
    output.line()
    output.table(
      ['CHANNEL', 'KIND', 'UNIT', 'READINGS', ''],
      channels.map(({ channel, kind, unit, readings, isNew }) => [
        channel,
        kind,
        unit ?? '',
        readings,
        isNew ? 'new' : '',
      ]),
    )
    if (channelCount > channels.length) output.line(`and ${channelCount - channels.length} more`)
  }
  if (problems.length === 0) return
  output.line()
  output.table(
    ['LINE', 'COLUMN', 'PROBLEM', 'TEXT'],
    problems.map(({ line, column, problem, text }) => [line, column ?? '', problem, text]),
  )
}

function factsOf(report: ImportReport): Parameters<Output['facts']>[0] {
  const { rows, readings, empty, refused, from, to, dryRun } = report
  return [
    ['rows', rows],
    ['readings', readings],
    ['empty', empty],
    ['refused', refused],
    ['from', isoTime(from)],
    ['to', isoTime(to)],
    ['stored', dryRun ? null : report.stored],
    ['there already', dryRun ? null : report.equal],
    ['corrections', dryRun ? null : report.corrections],
  ]
}
