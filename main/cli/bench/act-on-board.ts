import { basename } from 'node:path'
import * as z from 'zod'
import { API_PREFIX, type RestClient } from '#client/rest-client.ts'
import { given } from '../arguments.ts'
import type { CommandContext, SiteFlags } from '../command-context.ts'
import { ExitCode } from '../exit-code.ts'
import { openOutputFile, ownName } from '../files/output-file.ts'
import { readBounded } from '../files/read-bounded.ts'
import type { SiteConnection } from '../site/connect-site.ts'
import type { Job } from './bench-types.ts'
import { Interrupts } from './interrupts.ts'
import { JobProgress } from './job-progress.ts'
import { jobFacts } from './job-words.ts'
import { watching } from './watch-bench.ts'

/** What the site takes for a board, bytes. */
const UPLOAD_MOST = 32 * 1024 ** 2

export interface ActionFlags extends SiteFlags {
  tenant?: string
  speed?: NonNullable<Parameters<RestClient['bench']['act']>[0]['speed']>
}

type Action = Parameters<RestClient['bench']['act']>[0]['action']

/** Has one thing done with one board, and waits for it. @returns the job as it ended */
export async function actOnBoard(
  context: CommandContext,
  { client }: SiteConnection,
  port: string,
  action: Action,
  { tenant, speed }: ActionFlags,
): Promise<Job> {
  return followJob(context, client, () => client.bench.act({ port, action, ...given({ tenant, speed }) }))
}

/** Begins a job and follows it to its end; Ctrl-C cancels it. */
export async function followJob(
  context: CommandContext,
  client: RestClient,
  begin: () => Promise<Job>,
): Promise<Job> {
  const progress = new JobProgress(context.output)
  return watching(client, async (events) => {
    const begun = await begin()
    const interrupts = new Interrupts(async () => {
      progress.say('Cancelling')
      await client.bench.cancel({ jobId: begun.id })
    })
    try {
      let { job } = await client.bench.job({ jobId: begun.id })
      progress.show(job)
      while (job.state === 'running') {
        const { value: event, done: isOver } = await events.next()
        if (isOver === true) break
        const isIt = event.event === 'job' && event.job.id === job.id
        if (!isIt && event.event !== 'snapshot') continue
        job = isIt ? event.job : (await client.bench.job({ jobId: job.id })).job
        progress.show(job)
      }
      progress.end()
      return job
    } finally {
      interrupts.stop()
    }
  })
}

/** Says how it went; the exit code too. */
export function tellJob(
  context: CommandContext,
  job: Job,
  flags: SiteFlags,
  file: string | null = null,
): void {
  if (flags.json) context.output.json(file === null ? job : { ...job, wrote: file })
  else {
    context.output.facts(jobFacts(job))
    if (file !== null) context.output.line(`Wrote ${file}: it holds the keys of this board, keep it secret`)
  }
  if (job.state !== 'passed') context.exitCode = ExitCode.failed
}

/** Takes a file to the site, to be written into a board. @returns the upload's id @throws CliError `file_not_readable` */
export async function uploadForBoard(site: SiteConnection, path: string): Promise<string> {
  const bytes = await readBounded(path, UPLOAD_MOST)
  const query = new URLSearchParams({ name: basename(path).slice(0, 200) })
  const body = new Uint8Array(bytes)
  const response = await site.post(
    `${API_PREFIX}/bench/files?${query.toString()}`,
    body,
    'application/octet-stream',
  )
  return z.object({ uploadId: z.string() }).parse(await response.json()).uploadId
}

/** The flash of a board, readable by its owner only. @throws CliError `file_exists`, `file_not_writable` */
export async function backUpBoard(
  context: CommandContext,
  site: SiteConnection,
  port: string,
  flags: ActionFlags & { out?: string; force?: boolean },
): Promise<void> {
  const { out, force = false } = flags
  // Before minutes of reading: a name that is taken is told first.
  const early = out === undefined ? null : await openOutputFile(out, { mode: 0o600, overwrite: force })
  try {
    const job = await actOnBoard(context, site, port, { kind: 'backup' }, flags)
    if (job.file === null) return tellJob(context, job, flags)
    const target =
      early ??
      (await openOutputFile(ownName(job.file.name, `${job.id}.bin`), { mode: 0o600, overwrite: force }))
    try {
      const response = await site.get(`${API_PREFIX}/bench/jobs/${job.id}/file`)
      for await (const chunk of response.body ?? []) await target.write(chunk)
      await target.commit()
      tellJob(context, job, flags, target.path)
    } finally {
      await target.discard()
    }
  } finally {
    await early?.discard()
  }
}
