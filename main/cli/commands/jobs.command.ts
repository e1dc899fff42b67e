import type { Command } from 'commander'
import { API_PREFIX } from '#client/rest-client.ts'
import { hasEnded, type Job } from '#contract/model/job.ts'
import type { CommandContext, SiteFlags } from '../command-context.ts'
import { openOutputFile, ownName } from '../files/output-file.ts'
import type { SiteConnection } from '../site/connect-site.ts'
import { addSiteOptions } from '../site-options.ts'
import { isoTime } from '../time-argument.ts'

/** `millwright jobs …` */
export function addJobsCommands(program: Command, context: CommandContext): void {
  const { output } = context
  const group = program.command('jobs').summary('what takes long: exports, imports')

  addSiteOptions(group.command('list'))
    .summary('jobs of the last days, newest first')
    .action((flags: SiteFlags, command: Command) =>
      context.withSite(command, async ({ client }) => {
        const { jobs } = await client.jobs.list({})
        if (flags.json) output.json({ jobs })
        else if (jobs.length === 0) output.note('No jobs.')
        else
          output.table(
            ['ID', 'KIND', 'ABOUT', 'STATE', 'PROGRESS', 'CREATED'],
            jobs.map((job) => [
              job.id,
              job.kind,
              job.subject,
              job.state,
              percentOf(job),
              isoTime(job.createdAt),
            ]),
          )
      }),
    )

  jobCommand(group, context, 'show', 'everything about one job', async ({ client }, jobId, flags) => {
    const job = await client.jobs.get({ jobId })
    if (flags.json) {
      output.json(job)
      return
    }
    output.facts([
      ['id', job.id],
      ['kind', job.kind],
      ['about', job.subject],
      ['state', job.state],
      ['progress', percentOf(job)],
      ['created', `${isoTime(job.createdAt)} by ${job.createdBy}`],
      ['ended', job.endedAt === null ? null : isoTime(job.endedAt)],
      ['error', job.error?.message],
      ['file', job.file && `${job.file.name}, ${job.file.bytes} bytes`],
      ['deleted', job.expiresAt === null ? null : isoTime(job.expiresAt)],
      ['result', job.result && JSON.stringify(job.result)],
    ])
    for (const { at, event, data } of job.log) output.line(`${isoTime(at)}  ${event} ${JSON.stringify(data)}`)
  })
  for (const name of ['cancel', 'retry'] as const) {
    const summary = name === 'cancel' ? 'stop a job' : 'start again what did not end well'
    jobCommand(group, context, name, summary, async ({ client }, jobId, flags) => {
      const job = await client.jobs[name]({ jobId })
      if (flags.json) output.json(job)
      else output.line(`Job ${job.id} is ${job.state}`)
    })
  }
  jobCommand(
    group,
    context,
    'delete',
    'delete a job that ended, and its file',
    async ({ client }, jobId, flags) => {
      await client.jobs.delete({ jobId })
      if (flags.json) output.json({ id: jobId })
      else output.line(`Job ${jobId} is deleted`)
    },
  )
  jobCommand(group, context, 'download', 'the file that a job made', async (site, jobId, flags) => {
    const { file } = await site.client.jobs.get({ jobId })
    const target = await openOutputFile(flags.out ?? ownName(file?.name ?? '', jobId), {
      overwrite: flags.force ?? false,
    })
    try {
      const response = await site.get(`${API_PREFIX}/jobs/${jobId}/file`)
      for await (const chunk of response.body ?? []) {
        context.interrupt.throwIfAborted()
        await target.write(chunk)
      }
      await target.commit()
      if (flags.json) output.json({ file: target.path, bytes: file?.bytes ?? null })
      else output.line(`Wrote ${target.path}`)
    } finally {
      await target.discard()
    }
  })
    .option('-o, --out <file>', 'write here; under its own name where left out')
    .option('--force', 'replace the file if it is there')
}

type JobFlags = SiteFlags & { out?: string; force?: boolean }

function jobCommand(
  group: Command,
  context: CommandContext,
  name: string,
  summary: string,
  run: (site: SiteConnection, jobId: string, flags: JobFlags) => Promise<void>,
): Command {
  return addSiteOptions(group.command(name).argument('<job>', 'its id'))
    .summary(summary)
    .action((jobId: string, flags: JobFlags, command: Command) =>
      context.withSite(command, (site) => run(site, jobId, flags)),
    )
}

function percentOf({ state, progress: { done, total } }: Job): string {
  if (hasEnded(state) || total === null || total === 0) return '-'
  return `${Math.floor((done / total) * 100)} %`
}
