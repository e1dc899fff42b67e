import { ExpectedError } from '#contract/errors.ts'
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
import { lookAt } from './cloud-look.ts'
import { type Greeted, greet, stillLinked } from './handshake.ts'
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
  problems: ReadonlyMap<string, CodedProblem> = new Map()
  isOutsideWindow = false
  readonly #setbacks: Record<'readings' | 'history' | 'fleet', Setback>

  constructor(dependencies: LinkSessionDependencies, options: LinkSessionOptions) {
    this.#dependencies = dependencies
    this.#options = options
    const { clock, log, changed } = dependencies
    const setback = (step: string) => new Setback({ clock, log, step, changed })
    this.#setbacks = {
      readings: setback('sending readings'),
      history: setback('sending history'),
      fleet: setback('exchanging the fleet'),
    }
  }

  /** Why a part of it rests while the others go on; of readings first. */
  get problem(): CodedProblem | null {
    const { readings, history, fleet } = this.#setbacks
    return readings.problem ?? fleet.problem ?? history.problem
  }

  /** When readings are tried again; null: they are sent. */
  get readingsRetryAt(): number | null {
    return this.#setbacks.readings.retryAt
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
      throw control.failureOf(error, 'exchanging the fleet')
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
    const greeted = await greet(control, { ...this.#handshake(), isRestored })
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
        await reportState(control, session, { ...this.#dependencies, isOutsideWindow: this.isOutsideWindow })
      }
      const pace = this.#isExchangeDue ? Math.max(0, notBefore - performance.now()) : times.look
      await this.#alarm.wait(Math.min(pace, times.look), signal)
    }
  }

  /** A copy that was adopted meanwhile is noticed here, and so are tenants that others share. */
  async #greetAgain(control: CloudConnection, session: CloudSession): Promise<void> {
    const link = await this.#readLink()
    session.limits.bytesPerSecond = link.bytesPerSecond
    await this.#agree(control, session, await this.#stillLinked(control, link))
  }

  /**
   * Readings go on where only the fleet's exchange fails, for a lock that somebody holds, or a row that is not understood.
   * @returns how long it is to rest, ms; null: it is done
   */
  async #exchange(
    control: CloudConnection,
    session: CloudSession,
    signal: AbortSignal,
  ): Promise<number | null> {
    const { fleet } = this.#setbacks
    const began = performance.now()
    try {
      await this.#dependencies.fleet.exchange(control, session, signal)
      fleet.passed()
      return null
    } catch (error) {
      const failure = control.failureOf(error, 'exchanging the fleet')
      if (signal.aborted || !(await stillAnswers(control))) throw failure
      return fleet.failed(error, { failure, heldFor: performance.now() - began })
    }
  }

  /** A cloud that was restored under a session that lives knows an old token: that is no copy, and seen to anew. */
  async #stillLinked(control: CloudConnection, link: repository.LinkRow): Promise<Greeted> {
    try {
      return await stillLinked(control, this.#handshake())
    } catch (error) {
      if (!(error instanceof ExpectedError) || error.code !== 'cloud_copied') throw error
      const { lastSeenAt } = await lookAt(control, link)
      if (!isEarlier(lastSeenAt, link.cloudSeenAt)) throw error
      const cause = 'the cloud was restored from a backup'
      throw new ExpectedError('cloud_link_lost', { host: link.host, step: 'connected', cause })
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
      const window = windowOf(this.#link)
      const isOpen = isInWindow(window, clock.now(), zone())
      if (this.isOutsideWindow === isOpen) {
        this.isOutsideWindow = !isOpen
        this.#dependencies.changed()
      }
      return isOpen && sending().length > 0
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

/** Whether the cloud remembers less of this site than it had said itself. */
function isEarlier(remembered: number | null, said: number | null): boolean {
  return said !== null && (remembered === null || remembered < said - 1_000)
}

function windowOf(link: repository.LinkRow | null): { from: number; to: number } | null {
  if (link === null || link.windowFrom === null || link.windowTo === null) return null
  return { from: link.windowFrom, to: link.windowTo }
}
