import type { CodedProblem } from '#contract/model/cloud.ts'
import type { TimeZone } from '#platform/calendar/time-zone.ts'
import type { Clock } from '#platform/clock/clock.ts'
import type { SiteDb } from '#platform/db/site-db.ts'
import type { Log } from '#platform/log/log.ts'
import { type CloudConnection, openCloudConnection } from '#platform/postgres/cloud-connection.ts'
import type { CloudDestination } from '#platform/postgres/cloud-destination.ts'
import type { FleetPart, TelemetryPart } from '../cloud-parts.ts'
import type { CloudSession } from '../cloud-session.ts'
import { Alarm } from './alarm.ts'
import { listen } from './cloud-calls.ts'
import { lookAt, lookAtSite } from './cloud-look.ts'
import { type Greeted, greet, isEarlier, restored, stillLinked } from './handshake.ts'
import { keepLane } from './lane.ts'
import * as repository from './link.repository.ts'
import type { LinkTimes } from './link-times.ts'
import { type OfferOptions, offerTenants, sameCloud, sessionOf } from './open-session.ts'
import { isInWindow } from './send-window.ts'
import { Setback, stillAnswers } from './setback.ts'
import { reportState } from './sync-state.ts'
import type { Traffic } from './traffic.ts'

export interface LinkSessionDependencies {
  db: SiteDb
  clock: Clock
  log: Log
  version: string
  fleet: FleetPart
  telemetry: TelemetryPart
  zone(): TimeZone
  traffic: Traffic
  times: LinkTimes
  /** The cloud was restored from a backup: what it lost is to be found and sent again. */
  cloudRestored(): Promise<void>
  tenantMadeAnew: OfferOptions['tenantMadeAnew']
  /** Something to be shown changed. */
  changed(): void
}

export interface LinkSessionOptions {
  destination: CloudDestination
  signal: AbortSignal
}

/** One session with the cloud, from connecting until something breaks or it is told to end. */
export class LinkSession {
  readonly #dependencies: LinkSessionDependencies
  readonly #options: LinkSessionOptions
  readonly #alarm = new Alarm()
  #link: repository.LinkRow | null = null
  #isExchangeDue = true
  #isRefreshDue = false
  #session: CloudSession | null = null
  /** Null until it is linked. */
  linkedSince: number | null = null
  server: { version: string; storage: 'native' | 'timescale'; schemaVersion: number } | null = null
  clockOffset: number | null = null
  /** How long the cloud's feed has been held by a transaction that somebody left open, s. */
  feedHeldFor = 0
  problems: ReadonlyMap<string, CodedProblem> = new Map()
  isOutsideWindow = false
  readonly #setbacks: Record<'readings' | 'history' | 'fleet' | 'report', Setback>

  constructor(dependencies: LinkSessionDependencies, options: LinkSessionOptions) {
    this.#dependencies = dependencies
    this.#options = options
    const { clock, log, changed } = dependencies
    const setback = (step: string) => new Setback({ clock, log, step, changed })
    this.#setbacks = {
      readings: setback('sending readings'),
      history: setback('sending history'),
      fleet: setback('exchanging the fleet'),
      report: setback('telling how this site is'),
    }
  }

  /** That something does not go while the line holds: a part that rests, readings first, or a tenant (`problems`). Null: all goes. */
  get heldUp(): { problem: CodedProblem | null; retryAt: number | null } | null {
    const { readings, fleet, history, report } = this.#setbacks
    for (const { problem, retryAt } of [readings, fleet, history, report])
      if (problem !== null) return { problem, retryAt }
    return this.problems.size === 0 ? null : { problem: null, retryAt: null }
  }

  /** Tenants or limits were chosen anew. */
  refresh(): void {
    this.#isRefreshDue = true
    this.#isExchangeDue = true
    for (const setback of Object.values(this.#setbacks)) setback.again()
    this.#alarm.ring()
  }

  /** Ends with `signal`. @throws ExpectedError of `contract/error-codes/cloud.ts` */
  async run(): Promise<void> {
    const stop = new AbortController()
    const signal = AbortSignal.any([this.#options.signal, stop.signal])
    const control = await this.#open('link', signal)
    const unsubscribe = this.#dependencies.fleet.changed.subscribe(() => this.#exchangeSoon())
    try {
      await this.#work(control, signal, stop)
    } catch (error) {
      throw control.failureOf(error, 'holding the session')
    } finally {
      unsubscribe()
      stop.abort()
      await control.close()
    }
  }

  async #work(control: CloudConnection, signal: AbortSignal, stop: AbortController): Promise<void> {
    const session = await this.#begin(control)
    control.client.on('notification', () => this.#exchangeSoon())
    await listen(control)
    const { times } = this.#dependencies
    const open = (name: string) => this.#open(name, signal)
    const failures: unknown[] = []
    // One that breaks ends the others, and all have ended before a new session begins.
    const ending = async (task: Promise<unknown>) => {
      try {
        await task
      } catch (error) {
        failures.push(error)
      } finally {
        stop.abort()
      }
    }
    const lost = async () => {
      const why = await control.ended
      if (why !== null) throw why
    }
    const lanes = this.#lanes(session).map((lane) =>
      keepLane(lane, { open, signal, every: times.look, setback: this.#setbacks[lane.name] }),
    )
    await Promise.all([lost(), this.#exchanges(control, session, signal), ...lanes].map(ending))
    if (failures.length > 0 && !this.#options.signal.aborted) throw failures[0]
  }

  async #begin(control: CloudConnection): Promise<CloudSession> {
    const link = await this.#readLink()
    const look = await lookAt(control, link)
    sameCloud(link, look)
    const isRestored = isEarlier(look.lastSeenAt, link.cloudSeenAt)
    // Before the cloud hears of it: a power cut in between finds it restored once more.
    if (isRestored) await this.#dependencies.cloudRestored()
    const isBehind =
      link.cloudSeenAt !== null &&
      look.saidAt !== link.helloAt &&
      isEarlier(link.cloudSeenAt, look.lastSeenAt)
    if (!isRestored && !isBehind)
      await repository.updateLink(this.#dependencies.db, { cloudSeenAt: look.lastSeenAt })
    const greeted = await greet(control, { ...this.#handshake(), isRestored, isBehind })
    const session = sessionOf(link, greeted)
    this.#session = session
    this.server = {
      version: control.serverVersion,
      storage: greeted.storage,
      schemaVersion: greeted.schemaVersion,
    }
    await this.#agree(control, session, greeted)
    this.linkedSince = performance.now()
    this.#dependencies.changed()
    return session
  }

  /** What the fleet has to tell and to hear, as soon as there is something; a sign of life in between. */
  async #exchanges(control: CloudConnection, session: CloudSession, signal: AbortSignal): Promise<void> {
    const { clock, db, times } = this.#dependencies
    let exchangedAt = Number.NEGATIVE_INFINITY
    let notBefore = Number.NEGATIVE_INFINITY
    let saidAt = performance.now()
    while (!signal.aborted) {
      if (this.#isRefreshDue) {
        this.#isRefreshDue = false
        notBefore = Number.NEGATIVE_INFINITY
        await this.#greetAgain(control, session)
      }
      const isDue = this.#isExchangeDue || performance.now() - exchangedAt >= times.exchange
      if (isDue && performance.now() >= notBefore) {
        this.#isExchangeDue = false
        const pause = await this.#exchange(control, session, signal)
        exchangedAt = performance.now()
        notBefore = exchangedAt + Math.max(times.pace, pause ?? 0)
        if (pause === null) await repository.updateLink(db, { lastSuccessAt: clock.now() })
        else this.#isExchangeDue = true
        this.#dependencies.changed()
      }
      if (performance.now() - saidAt >= times.heartbeat) {
        saidAt = performance.now()
        await this.#greetAgain(control, session)
        await this.#report(control, session, signal)
      }
      const pace = this.#isExchangeDue ? Math.max(0, notBefore - performance.now()) : times.look
      await this.#alarm.wait(Math.min(pace, times.look), signal)
    }
  }

  /**
   * A copy that was adopted meanwhile is noticed here, and so are tenants that others share. A cloud that was restored under a
   * session that lives, whichever token it knows, is seen to by the next one.
   */
  async #greetAgain(control: CloudConnection, session: CloudSession): Promise<void> {
    const link = await this.#readLink()
    session.limits.bytesPerSecond = link.bytesPerSecond
    const { lastSeenAt } = await lookAtSite(control, link)
    if (isEarlier(lastSeenAt, link.cloudSeenAt)) throw restored(link)
    await this.#agree(control, session, await stillLinked(control, this.#handshake()))
  }

  /** @returns how long it is to rest, ms; null: it is done */
  #exchange(control: CloudConnection, session: CloudSession, signal: AbortSignal): Promise<number | null> {
    return this.#alone(control, { setback: this.#setbacks.fleet, signal }, async () => {
      const { heldFor } = await this.#dependencies.fleet.exchange(control, session, signal)
      this.feedHeldFor = heldFor
    })
  }

  /** Where it fails, it is tried again with the next sign of life. */
  async #report(control: CloudConnection, session: CloudSession, signal: AbortSignal): Promise<void> {
    const { isOutsideWindow, heldUp } = this
    const state = { ...this.#dependencies, isOutsideWindow, isHeldUp: heldUp !== null }
    await this.#alone(control, { setback: this.#setbacks.report, signal }, () =>
      reportState(control, session, state),
    )
  }

  /**
   * Everything else goes on where only this fails, for a lock that somebody holds, or a row that is not understood.
   * @returns how long it is to rest, ms; null: it is done
   */
  async #alone(
    control: CloudConnection,
    { setback, signal }: { setback: Setback; signal: AbortSignal },
    work: () => Promise<void>,
  ): Promise<number | null> {
    const began = performance.now()
    try {
      await work()
      setback.passed()
      return null
    } catch (error) {
      const failure = control.failureOf(error, setback.step)
      if (signal.aborted || !(await stillAnswers(control))) throw failure
      return setback.failed(error, { failure, heldFor: performance.now() - began })
    }
  }

  async #agree(control: CloudConnection, session: CloudSession, greeted: Greeted): Promise<void> {
    this.clockOffset = greeted.clockOffset
    const { tenantMadeAnew } = this.#dependencies
    this.problems = await offerTenants(control, session, greeted, { ...this.#handshake(), tenantMadeAnew })
    this.#dependencies.changed()
  }

  #lanes(session: CloudSession) {
    const { telemetry, db, clock, zone } = this.#dependencies
    const sending = () =>
      [...session.tenants].filter(([, { mode }]) => mode === 'telemetry').map(([tenantId]) => tenantId)
    const isSending = () => {
      const isSome = sending().length > 0
      const isOpen = isInWindow(windowOf(this.#link), clock.now(), zone())
      if (this.isOutsideWindow !== (isSome && !isOpen)) {
        this.isOutsideWindow = !this.isOutsideWindow
        this.#dependencies.changed()
      }
      return isSome && isOpen
    }
    return [
      {
        name: 'readings' as const,
        step: 'sending readings',
        wanted: isSending,
        run: (connection: CloudConnection, signal: AbortSignal) =>
          telemetry.runTail(connection, session, signal),
      },
      {
        name: 'history' as const,
        step: 'sending history',
        wanted: async () => isSending() && (await repository.hasOpenSweeps(db, sending())),
        run: (connection: CloudConnection, signal: AbortSignal) =>
          telemetry.runSweeps(connection, session, signal),
      },
    ]
  }

  async #readLink(): Promise<repository.LinkRow> {
    const link = await repository.linkRow(this.#dependencies.db)
    if (link === undefined) throw new Error('the link is gone')
    this.#link = link
    return link
  }

  async #open(name: string, signal: AbortSignal): Promise<CloudConnection> {
    const { times, traffic } = this.#dependencies
    const { silence, connectTimeout } = times
    const connection = await openCloudConnection(this.#options.destination, {
      name,
      signal,
      silence,
      connectTimeout,
    })
    traffic.add(connection)
    return connection
  }

  #handshake() {
    const { db, version, clock } = this.#dependencies
    return { db, version, now: () => clock.now() }
  }

  #exchangeSoon(): void {
    this.#isExchangeDue = true
    this.#alarm.ring()
  }

  /** There while it is linked. */
  get session(): CloudSession | null {
    return this.#session
  }
}

function windowOf(link: repository.LinkRow | null): { from: number; to: number } | null {
  if (link === null || link.windowFrom === null || link.windowTo === null) return null
  return { from: link.windowFrom, to: link.windowTo }
}
