import type { ExpectedError } from '#contract/errors.ts'
import type { CloudState, CodedProblem } from '#contract/model/cloud.ts'
import { Topic } from '#platform/events/topic.ts'
import type { Log } from '#platform/log/log.ts'
import type { CloudDestination } from '#platform/postgres/cloud-destination.ts'
import { cloudFailure } from '#platform/postgres/cloud-failure.ts'
import type { Sealer } from '#platform/secrets/sealing.ts'
import { Alarm } from './alarm.ts'
import { needsAPerson, nextTry } from './backoff.ts'
import { destinationOfLink } from './cloud-login.ts'
import * as repository from './link.repository.ts'
import { LinkSession, type LinkSessionDependencies } from './link-session.ts'

export interface CloudLinkDependencies extends Omit<LinkSessionDependencies, 'changed'> {
  log: Log
  sealer(): Sealer
  /** What was sent is deleted there, for the site leaves; until the signal. @throws as a session */
  takeBack(link: repository.LinkRow, destination: CloudDestination, signal: AbortSignal): Promise<void>
  /** The site is joined, or not any more: what listens for it begins or ends. */
  joined(isJoined: boolean): void
  /** From 0 to 1. */
  random?: () => number
}

/** How the link is, but for what only the backlog says. */
export interface LinkView {
  state: CloudState
  problem: CodedProblem | null
  retryAt: number | null
  /** When this state began, ms. */
  since: number
  session: LinkSession | null
}

type ShownView = Omit<LinkView, 'session' | 'since'>

const CONNECTING = { state: 'connecting', problem: null, retryAt: null } as const
const READINGS_SAMPLED = 1_000

/**
 * Holds the link to the cloud: one session after the other, with pauses that grow while it fails. A site that has not
 * joined connects to nothing.
 */
export class CloudLink {
  readonly #dependencies: CloudLinkDependencies
  /** How it is, or what it sent, changed. */
  readonly changed = new Topic<void>()
  #shown: ShownView = CONNECTING
  #since = 0
  /** The failure that the log has said last; null: it goes well. */
  #said: string | null = null
  #session: LinkSession | null = null
  #stop: AbortController | null = null
  #running: Promise<void> = Promise.resolve()
  #again = new AbortController()
  #sampling: NodeJS.Timeout | null = null

  constructor(dependencies: CloudLinkDependencies) {
    this.#dependencies = dependencies
  }

  /** Where the site has joined. */
  async start(): Promise<void> {
    if ((await repository.linkRow(this.#dependencies.db)) === undefined || this.#stop) return
    const stop = new AbortController()
    this.#stop = stop
    this.#dependencies.joined(true)
    this.#running = this.#loop(stop.signal)
    this.#sampling = setInterval(() => void this.#sample(), READINGS_SAMPLED).unref()
  }

  async stop(): Promise<void> {
    if (this.#sampling) clearInterval(this.#sampling)
    this.#sampling = null
    this.#stop?.abort()
    await this.#running
    if (this.#stop) this.#dependencies.joined(false)
    this.#stop = null
    this.#show(CONNECTING)
  }

  get view(): LinkView {
    const { state } = this.#shown
    const isLinked = state !== 'connecting' && state !== 'paused'
    return { ...this.#shown, since: this.#since, session: isLinked ? this.#session : null }
  }

  /** The address, a pause, or what keeps it from going on was changed: it begins anew, at once. */
  restart(state: 'connecting' | 'paused' = 'connecting'): void {
    this.#again.abort()
    this.#show({ ...CONNECTING, state })
  }

  /** Tenants or limits were chosen anew; the session goes on. */
  refresh(): void {
    if (this.#session === null || this.#session.linkedSince === null) this.#again.abort()
    else this.#session.refresh()
    this.changed.emit()
  }

  async #loop(stop: AbortSignal): Promise<void> {
    let failures = 0
    while (!stop.aborted) {
      const again = new AbortController()
      this.#again = again
      const signal = AbortSignal.any([stop, again.signal])
      try {
        const wait = await this.#turn(signal, failures)
        if (again.signal.aborted) failures = 0
        else if (wait !== null) {
          failures = wait.failures
          await new Alarm().wait(wait.time, signal)
          if (again.signal.aborted) failures = 0
        }
      } catch (err) {
        // The site's own store fails: that is told elsewhere, and may pass.
        this.#dependencies.log.error({ err }, 'the link to the cloud could not be looked after')
        await new Alarm().wait(10_000, signal)
      }
    }
  }

  /** One try. Returns how long to wait until the next; null: it was told to begin anew. */
  async #turn(signal: AbortSignal, failures: number): Promise<{ failures: number; time: number } | null> {
    const { db } = this.#dependencies
    const link = await repository.linkRow(db)
    if (link === undefined) return { failures: 0, time: 60_000 }
    if (link.stoppedBy !== null || link.paused === 1) {
      this.#show(link.stoppedBy === null ? { ...CONNECTING, state: 'paused' } : stoppedView(link))
      await new Alarm().wait(2 ** 31 - 1, signal)
      return null
    }
    const began = performance.now()
    const failure = await this.#connect(link, signal)
    const since = link.leavingAt === null ? this.#session?.linkedSince : began
    const heldFor = since ? performance.now() - since : 0
    this.#session = null
    if (signal.aborted || failure === null) return null
    return this.#failed(failure, { failures, heldFor })
  }

  /** Why the session ended; null: it was told to. */
  async #connect(link: repository.LinkRow, signal: AbortSignal): Promise<ExpectedError | null> {
    const { db, sealer, takeBack } = this.#dependencies
    try {
      const destination = await destinationOfLink(db, link, sealer())
      if (link.leavingAt !== null) {
        this.#show({ ...CONNECTING, state: 'leaving' })
        await takeBack(link, destination, signal)
        return null
      }
      // One that was told to end has nothing to say any more.
      const changed = () => (signal.aborted ? undefined : this.#sessionChanged())
      const session = new LinkSession({ ...this.#dependencies, changed }, { destination, signal })
      this.#session = session
      await session.run()
      return null
    } catch (error) {
      if (signal.aborted) return null
      return cloudFailure(error, { ...link, step: 'connecting', connected: true })
    }
  }

  async #failed(
    failure: ExpectedError,
    before: { failures: number; heldFor: number },
  ): Promise<{ failures: number; time: number } | null> {
    const { db, clock, log, random = Math.random } = this.#dependencies
    const problem = { code: failure.code, data: failure.data }
    if (failure.code === 'cloud_copied') {
      const stoppedData = JSON.stringify(failure.data)
      await repository.updateLink(db, { stoppedBy: failure.code, stoppedData })
      log.error(problem, 'another copy of this site is linked to the cloud: this one stopped sending')
      return null
    }
    const { failures, time } = nextTry({ ...before, code: failure.code, random: random() })
    const err = failure.cause instanceof Error ? failure.cause : undefined
    // Each cause once: a line that is cut for weeks is tried three hundred times a day.
    const said = JSON.stringify(problem)
    if (said !== this.#said)
      log.warn({ ...problem, failures, seconds: Math.round(time / 1000), err }, 'the link to the cloud broke')
    this.#said = said
    const state = needsAPerson(failure.code) ? 'stopped' : 'waiting'
    this.#show({ state, problem, retryAt: clock.now() + time })
    return { failures, time }
  }

  #sessionChanged(): void {
    if (this.#session === null || this.#session.linkedSince === null) {
      this.changed.emit()
      return
    }
    if (this.#said !== null) this.#dependencies.log.info('the link to the cloud holds again')
    this.#said = null
    const { isOutsideWindow, heldUp, clockOffset, feedHeldFor } = this.#session
    if (heldUp !== null) {
      const isForAPerson = heldUp.problem !== null && needsAPerson(heldUp.problem.code)
      this.#show({ ...heldUp, state: isForAPerson ? 'stopped' : 'held_up' })
      return
    }
    this.#show({
      state: isOutsideWindow ? 'outside_window' : 'live',
      problem: clockProblem(clockOffset) ?? heldProblem(feedHeldFor),
      retryAt: null,
    })
  }

  #show(view: ShownView): void {
    if (view.state !== this.#shown.state) this.#since = this.#dependencies.clock.now()
    this.#shown = view
    this.changed.emit()
  }

  async #sample(): Promise<void> {
    try {
      const rows = await repository.tenantRows(this.#dependencies.db)
      const sent = rows.reduce((sum, { readingsSent }) => sum + readingsSent, 0)
      this.#dependencies.traffic.sample(sent, performance.now())
      this.changed.emit()
    } catch {
      // The store is closing.
    }
  }
}

/** Beyond this, changes made on both sides are put in the wrong order, ms. */
const CLOCK_TOLERANCE = 60_000

function clockProblem(offset: number | null): CodedProblem | null {
  if (offset === null || Math.abs(offset) <= CLOCK_TOLERANCE) return null
  return { code: 'cloud_clock_wrong', data: { seconds: Math.round(offset / 1000) } }
}

/** Shorter ones are the ordinary work of others, s. */
const HELD_TOLERANCE = 60

function heldProblem(seconds: number): CodedProblem | null {
  if (seconds <= HELD_TOLERANCE) return null
  return { code: 'cloud_transaction_open', data: { minutes: Math.round(seconds / 60) } }
}

function stoppedView(link: repository.LinkRow): ShownView {
  const data = JSON.parse(link.stoppedData ?? '{}') as CodedProblem['data']
  return { state: 'stopped', problem: { code: link.stoppedBy ?? '', data }, retryAt: null }
}
