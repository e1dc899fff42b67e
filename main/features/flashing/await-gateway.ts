import { ExpectedError } from '#contract/errors.ts'
import type { FlashJob, FlashStep } from '#contract/model/flash.ts'
import type { MonitorSession } from './bench-port.ts'
import type { ExpectedCredential, HeardReading } from './contacts.ts'
import { ContactWait, checkReading } from './first-contact.ts'
import type { FlashJobRow } from './flash-jobs.repository.ts'
import type { FlowOf, FlowTools } from './flow-tools.ts'

export interface AwaitOf {
  job: FlashJobRow
  credential: ExpectedCredential
  path: string | null
  /** It is connected already. */
  isThere: boolean
  /** Lets the board go. */
  start(): Promise<MonitorSession | null>
  enter(step: FlashStep): Promise<void>
  /** @returns how to stop */
  follow(monitor: MonitorSession): () => void
  log(text: string): void
}

/**
 * Lets a board go whose gateway stands, and waits until it shows itself: first contact, first reading, its check.
 * @throws ExpectedError as `ContactWait.wait`; `reading_out_of_range`
 */
export async function awaitGateway(tools: FlowTools, of: FlowOf, how: AwaitOf): Promise<void> {
  const { bench, book, clock, contacts, ports } = tools
  const { jobId, run, signal } = of
  const { setup } = run
  const { job, credential, path } = how
  const code = job.code ?? '?'
  const stops: (() => void)[] = []
  const wait = new ContactWait(
    contacts,
    {
      credential,
      code,
      check: setup.check,
      within: setup.contactWithin,
      ssid: run.facts.wifi,
      address: tools.brokerAddress(),
      isThere: how.isThere,
      signal,
    },
    {
      onRunning: () => void how.enter('waiting').catch(() => {}),
      onContact: async () => {
        await how.enter('waiting')
        if (job.contactAt === null) await book.change(jobId, { contactAt: clock.now() })
        how.log(`${code} is connected`)
      },
      onLog: how.log,
    },
  )
  wait.begin()
  try {
    await how.enter('booting')
    const monitor = await how.start()
    if (monitor && path !== null) {
      stops.push(how.follow(monitor))
      wait.listen(monitor, {
        port: path,
        isBack: () => ports.ofIdentity(job.portIdentity) !== null,
        reopen: async () => {
          const back = await bench.openMonitor(ports.ofIdentity(job.portIdentity)?.path ?? path, {
            baud: 115_200,
          })
          stops.push(how.follow(back))
          return back
        },
      })
    } else await how.enter('waiting')
    const reading = await wait.wait()
    await keepReading(tools, of, reading)
  } finally {
    wait.end()
    for (const stop of stops) stop()
  }
}

/** @throws ExpectedError `reading_out_of_range` */
async function keepReading(
  { book }: FlowTools,
  { jobId, run }: FlowOf,
  reading: HeardReading,
): Promise<void> {
  const { check } = run.setup
  const result = checkReading(reading, check)
  const { name, value, unit, at } = reading
  const kept: Omit<NonNullable<FlashJob['firstReading']>, 'at'> & { at: number } = {
    channel: name,
    value,
    unit,
    at,
    check: result,
  }
  await book.change(jobId, { firstReading: JSON.stringify(kept) })
  if (result !== 'failed') return
  throw new ExpectedError('reading_out_of_range', {
    channel: name,
    value,
    least: check?.least ?? '-',
    most: check?.most ?? '-',
  })
}
