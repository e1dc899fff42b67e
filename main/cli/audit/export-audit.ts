import { API_PREFIX } from '#client/rest-client.ts'
import { CliError } from '../cli-error.ts'
import type { CommandContext } from '../command-context.ts'
import { openOutputFile } from '../files/output-file.ts'
import { waitForJob } from '../jobs/wait-for-job.ts'
import type { SiteConnection } from '../site/connect-site.ts'
import { type EntryFlags, filterOf } from './audit-flags.ts'

export interface ExportFlags extends EntryFlags {
  format: 'csv' | 'jsonl'
  out?: string
  force?: boolean
  raw?: boolean
}

/** `millwright audit export`: a job of the site, whose file is brought here and then deleted there. */
export async function exportAudit(
  context: CommandContext,
  site: SiteConnection,
  flags: ExportFlags,
): Promise<void> {
  const { output, interrupt } = context
  if (flags.out === undefined && flags.json)
    throw new CliError('usage', 'A file is not JSON: give --out beside --json')
  const file =
    flags.out === undefined ? null : await openOutputFile(flags.out, { overwrite: flags.force ?? false })
  try {
    const job = await site.client.audit.startExport({
      ...filterOf(flags),
      format: flags.format,
      raw: flags.raw ?? false,
    })
    await waitForJob(context, site, job)
    const response = await site.get(`${API_PREFIX}/jobs/${job.id}/file`)
    let bytes = 0
    for await (const chunk of response.body ?? []) {
      interrupt.throwIfAborted()
      bytes += chunk.byteLength
      await (file === null ? output.stream(chunk) : file.write(chunk))
    }
    await file?.commit()
    // It holds names and addresses: no copy stays behind.
    await site.client.jobs.delete({ jobId: job.id })
    if (file === null) return
    if (flags.json) output.json({ file: file.path, bytes })
    else output.line(`Wrote ${file.path}, ${bytes} bytes`)
  } finally {
    await file?.discard()
  }
}
