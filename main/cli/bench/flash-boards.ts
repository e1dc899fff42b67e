import { setTimeout as sleep } from 'node:timers/promises'
import type { RestClient } from '#client/rest-client.ts'
import type { PlannedGateway } from '#contract/model/flash.ts'
import { given } from '../arguments.ts'
import { CliError } from '../cli-error.ts'
import type { CommandContext, SiteFlags } from '../command-context.ts'
import { ExitCode } from '../exit-code.ts'
import { findBundle } from '../firmware/find-bundle.ts'
import type { SiteConnection } from '../site/connect-site.ts'
import type { BenchEvent, Job, Run } from './bench-types.ts'
import { type WifiFlags, wifiOf } from './choose-setup.ts'
import { Interrupts } from './interrupts.ts'
import { JobProgress } from './job-progress.ts'
import { jobHeader, jobRow } from './job-words.ts'
import { type LabelFlags, labelsOf, writeLabels } from './run-labels.ts'
import { watching } from './watch-bench.ts'

export interface FlashFlags extends SiteFlags, WifiFlags, LabelFlags {
  port?: string
  all?: boolean
  keepOn?: boolean
  bundle: string
  gateway?: string
  name?: string
  profile?: string
  group?: string
  codePattern?: string
  namePattern?: string
  erase?: boolean
  speed?: NonNullable<Parameters<RestClient['bench']['openRun']>[0]['speed']>
  keyOnChip?: boolean
  within?: number
  atOnce?: number
  dryRun?: boolean
}

/** ms in which a board takes the place of one that ended. */
const NEXT_WITHIN = 1_000

type Setup = Parameters<RestClient['bench']['openRun']>[0]

/**
 * Flashes the board on one port, or all that are plugged in, in a run of its own: begins it, follows its boards, ends it.
 * The exit code is 0 where all passed.
 */
export async function flashBoards(
  context: CommandContext,
  site: SiteConnection,
  flags: FlashFlags,
  plan: PlannedGateway[],
): Promise<void> {
  const { output } = context
  const { client } = site
  const setup = await setupOf(site, flags, plan)
  if (flags.dryRun === true) {
    const preview = await client.bench.previewRun(setup)
    if (flags.json) output.json(preview)
    else
      output.facts([
        ['firmware', `${preview.facts.bundle} (${preview.facts.signature})`],
        ['chips', preview.chips.join(', ')],
        ['profile', preview.facts.profile],
        ['group', preview.facts.group],
        ['Wi-Fi', preview.facts.wifi],
        ['first gateways', preview.names.map(({ code, name }) => `${code} "${name}"`).join(', ')],
      ])
    return
  }
  const { run, jobs } = await carryOut(context, client, setup, flags)
  const label = await writeLabels(site, run, flags)
  if (flags.json) output.json({ run, jobs, label })
  else {
    output.table(jobHeader, jobs.map(jobRow))
    const { passed } = run.counts
    output.line(`${passed} of ${jobs.length} passed: run ${run.name}`)
    if (label !== null) output.line(`Wrote ${label}`)
  }
  if (jobs.length === 0 || jobs.some(({ state }) => state !== 'passed')) context.exitCode = ExitCode.failed
}

async function setupOf(site: SiteConnection, flags: FlashFlags, plan: PlannedGateway[]): Promise<Setup> {
  const { tenant, gateway, name, all, keepOn } = flags
  const own = gateway === undefined ? [] : [{ code: gateway, ...given({ name }) }]
  return {
    ...given({ tenant, profile: flags.profile, group: flags.group, speed: flags.speed }),
    ...given({
      eraseAll: flags.erase,
      keyOnChip: flags.keyOnChip,
      atOnce: flags.atOnce,
      contactWithin: flags.within,
    }),
    ...given({
      codePattern: flags.codePattern,
      namePattern: flags.namePattern ?? (gateway === undefined ? name : undefined),
    }),
    bundleId: (await findBundle(site, flags.bundle, tenant)).id,
    wifiId: await wifiOf(site.client, flags),
    labels: labelsOf(flags),
    startByItself: all === true && keepOn === true,
    plan: all === true ? plan : own,
    ...(all !== true && { expected: 1 }),
  }
}

/** Ends the run whatever happens: one that stays open keeps boards and the next run waiting. */
async function carryOut(
  context: CommandContext,
  client: RestClient,
  setup: Setup,
  flags: FlashFlags,
): Promise<{ run: Run; jobs: Job[] }> {
  const progress = new JobProgress(context.output)
  return watching(client, async (events) => {
    const run = await client.bench.openRun(setup)
    const interrupts = new Interrupts(async (count) => {
      progress.say(
        count === 1 ? 'Ending: boards on their way finish. Ctrl-C again cancels them.' : 'Cancelling',
      )
      await client.bench.stopRun({ runId: run.id, now: count > 1 })
    })
    try {
      const isOpen = await begin(client, run, flags)
      progress.say(`Run ${run.name}: ${run.facts.bundle} (${run.facts.signature})`)
      await follow(events, { client, run, progress, waiting: isOpen ? 'open' : 'begun' })
      progress.end()
      return await ended(client, run.id)
    } finally {
      interrupts.stop()
      await client.bench.stopRun({ runId: run.id }).catch(() => {})
    }
  })
}

/** @returns whether more boards may come by themselves */
async function begin(
  client: RestClient,
  run: Run,
  { port, gateway, all, keepOn }: FlashFlags,
): Promise<boolean> {
  if (all !== true) {
    await client.bench.start({ runId: run.id, port: port ?? '', ...given({ code: gateway }) })
    return false
  }
  // Boards that are there already begin only when they are asked for.
  const { jobs } = await client.bench.start({ runId: run.id, port: null })
  if (keepOn === true) return true
  if (jobs.length > 0) return false
  throw new CliError('usage', 'No board is plugged in on a free port: millwright ports says what there is')
}

interface Followed {
  client: RestClient
  run: Run
  progress: JobProgress
  waiting: 'open' | 'begun'
}

/** Until all boards are done, and no more are to come. */
async function follow(events: AsyncGenerator<BenchEvent>, of: Followed): Promise<void> {
  const { client, run, progress } = of
  const show = (jobs: readonly Job[]) => {
    for (const job of jobs) if (job.runId === run.id) progress.show(job)
  }
  const first = await client.bench.run({ runId: run.id })
  show(first.jobs)
  if (isDone(first, of)) return
  for await (const event of events) {
    if (event.event === 'job') show([event.job])
    else if (event.event === 'snapshot') show(event.jobs)
    else if (event.event === 'ports') continue
    if (event.event === 'run' && event.run.id !== run.id) continue
    if (event.event === 'job' && (event.job.runId !== run.id || event.job.state === 'running')) continue
    const now = await client.bench.run({ runId: run.id })
    show(now.jobs)
    if (isDone(now, of) && (await staysDone(of))) return
  }
}

/** Where boards wait for a place, the next one begins a moment after another ended. */
async function staysDone(of: Followed): Promise<boolean> {
  const { client, run } = of
  if ((run.setup.atOnce ?? null) === null) return true
  await sleep(NEXT_WITHIN)
  return isDone(await client.bench.run({ runId: run.id }), of)
}

function isDone({ run, jobs }: { run: Run; jobs: Job[] }, { waiting }: Followed): boolean {
  if (jobs.some(({ state }) => state === 'running')) return false
  if (run.state === 'ended') return true
  if (waiting === 'begun') return true
  const expected = run.setup.plan?.length || run.setup.expected
  return run.state === 'stopping' || (typeof expected === 'number' && run.counts.passed >= expected)
}

async function ended(client: RestClient, runId: string): Promise<{ run: Run; jobs: Job[] }> {
  await client.bench.stopRun({ runId })
  return client.bench.run({ runId })
}
