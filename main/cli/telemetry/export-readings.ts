import { API_PREFIX } from '#client/rest-client.ts'
import { CliError } from '../cli-error.ts'
import type { CommandContext } from '../command-context.ts'
import { openOutputFile } from '../files/output-file.ts'
import type { SiteConnection } from '../site/connect-site.ts'
import { isoTime } from '../time-argument.ts'

interface ExportFlags {
  gateway: string
  tenant?: string
  channel?: string
  from?: number
  to?: number
  raw?: boolean
  out?: string
  force?: boolean
  json?: boolean
}

/** Streams CSV as the site writes it, to a file that appears whole or to standard output. */
export async function exportReadings(
  { output, interrupt }: CommandContext,
  site: SiteConnection,
  flags: ExportFlags,
): Promise<void> {
  if (flags.json && flags.out === undefined)
    throw new CliError('usage', 'CSV is not JSON: give --out beside --json')
  const file =
    flags.out === undefined ? null : await openOutputFile(flags.out, { overwrite: flags.force ?? false })
  try {
    const response = await site.get(exportPath(flags))
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

function exportPath(flags: ExportFlags): string {
  const query = new URLSearchParams({ gateway: flags.gateway })
  if (flags.tenant !== undefined) query.set('tenant', flags.tenant)
  if (flags.channel !== undefined) query.set('channel', flags.channel)
  if (flags.from !== undefined) query.set('from', isoTime(flags.from))
  if (flags.to !== undefined) query.set('to', isoTime(flags.to))
  if (flags.raw) query.set('raw', 'true')
  return `${API_PREFIX}/telemetry/export?${query}`
}
