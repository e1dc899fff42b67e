import { API_PREFIX } from '#client/rest-client.ts'
import { type ExportFunction, exportFunctions } from '#contract/model/telemetry-file.ts'
import { given } from '../arguments.ts'
import { CliError } from '../cli-error.ts'
import type { CommandContext } from '../command-context.ts'
import { openOutputFile } from '../files/output-file.ts'
import { waitForJob } from '../jobs/wait-for-job.ts'
import type { SiteConnection } from '../site/connect-site.ts'
import { isoTime } from '../time-argument.ts'

export interface ExportFlags {
  gateway?: string[]
  tenant?: string
  channel?: string[]
  from?: number
  to?: number
  format: 'csv' | 'parquet'
  wide?: boolean
  /** ms. */
  interval?: number
  functions?: string
  raw?: boolean
  out?: string
  force?: boolean
  job?: boolean
  json?: boolean
}

/** Brings a file as the site writes it, to a file that appears whole or to standard output. */
export async function exportReadings(
  context: CommandContext,
  site: SiteConnection,
  flags: ExportFlags,
): Promise<void> {
  const { output, interrupt } = context
  if (flags.out === undefined) {
    if (flags.json) throw new CliError('usage', 'A file is not JSON: give --out beside --json')
    if (flags.format === 'parquet') throw new CliError('usage', 'Parquet is binary: give --out')
  }
  if (flags.wide !== true && (flags.interval !== undefined || flags.functions !== undefined))
    throw new CliError('usage', '--interval and --functions are for --wide')
  const functions = readFunctions(flags.functions)
  const file =
    flags.out === undefined ? null : await openOutputFile(flags.out, { overwrite: flags.force ?? false })
  try {
    const path = flags.job ? await runJob(context, site, flags, functions) : exportPath(flags, functions)
    const response = await site.get(path)
    let bytes = 0
    for await (const chunk of response.body ?? []) {
      interrupt.throwIfAborted()
      bytes += chunk.byteLength
      await (file === null ? output.stream(chunk) : file.write(chunk))
    }
    if (file === null) return
    await file.commit()
    if (flags.json) output.json({ file: file.path, bytes })
    else output.line(`Wrote ${file.path}, ${bytes} bytes`)
  } finally {
    await file?.discard()
  }
}

/** Resolves with where the file is, once the job is done. */
async function runJob(
  context: CommandContext,
  site: SiteConnection,
  flags: ExportFlags,
  functions: ExportFunction[] | undefined,
): Promise<string> {
  const { tenant, from, to, interval, raw } = flags
  const job = await site.client.telemetryFiles.startExport({
    format: flags.format,
    layout: flags.wide ? 'wide' : 'long',
    ...given({
      gateways: flags.gateway,
      channels: flags.channel,
      tenant,
      from,
      to,
      interval,
      raw,
      functions,
    }),
  })
  await waitForJob(context, site, job)
  return `${API_PREFIX}/jobs/${job.id}/file`
}

function exportPath(flags: ExportFlags, functions: ExportFunction[] | undefined): string {
  const query = new URLSearchParams({ format: flags.format, layout: flags.wide ? 'wide' : 'long' })
  for (const gateway of flags.gateway ?? []) query.append('gateway', gateway)
  for (const channel of flags.channel ?? []) query.append('channel', channel)
  if (flags.tenant !== undefined) query.set('tenant', flags.tenant)
  if (flags.from !== undefined) query.set('from', isoTime(flags.from))
  if (flags.to !== undefined) query.set('to', isoTime(flags.to))
  if (flags.interval !== undefined) query.set('interval', String(flags.interval))
  if (functions !== undefined) query.set('functions', functions.join(','))
  if (flags.raw) query.set('raw', 'true')
  return `${API_PREFIX}/telemetry/export?${query}`
}

function readFunctions(text: string | undefined): ExportFunction[] | undefined {
  return text?.split(',').map((name) => {
    const found = exportFunctions.find((one) => one === name.trim())
    if (found) return found
    throw new CliError('usage', `--functions knows ${exportFunctions.join(', ')}; not "${name}"`)
  })
}
