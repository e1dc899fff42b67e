import { type FileHandle, open } from 'node:fs/promises'
import { basename } from 'node:path'
import type { Job } from '#contract/model/job.ts'
import {
  type ImportOptions,
  type ImportReport,
  ImportReportSchema,
  UPLOAD_PART,
} from '#contract/model/telemetry-file.ts'
import { given } from '../arguments.ts'
import { CliError, causeOf } from '../cli-error.ts'
import type { CommandContext } from '../command-context.ts'
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
  const source = await upload(context, site, path)
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

/** In parts, so that neither the file nor a part of it is ever whole in memory. */
async function upload(
  { interrupt }: CommandContext,
  { client }: SiteConnection,
  path: string,
): Promise<string> {
  const file = await openInput(path)
  try {
    let uploadId: string | undefined
    let offset = 0
    while (true) {
      interrupt.throwIfAborted()
      const { buffer, bytesRead } = await file.read(Buffer.alloc(UPLOAD_PART), 0, UPLOAD_PART, offset)
      if (bytesRead === 0 && uploadId !== undefined) return uploadId
      const part = { name: basename(path), offset, data: buffer.subarray(0, bytesRead).toString('base64') }
      const answer = await client.telemetryFiles.upload({ ...part, ...given({ uploadId }) })
      uploadId = answer.uploadId
      offset = answer.bytes
    }
  } finally {
    await file.close()
  }
}

async function openInput(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'r')
  } catch (error) {
    throw new CliError('file_not_readable', `${path} cannot be read: ${causeOf(error)}`, { file: path })
  }
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
