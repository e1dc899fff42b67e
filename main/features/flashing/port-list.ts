import type { BenchPort } from '#contract/api/bench.ts'
import { ExpectedError } from '#contract/errors.ts'
import type { SerialPort } from '#contract/model/serial-port.ts'
import { seesTenant, type TenantScope } from '#features/access/index.ts'
import { Topic } from '#platform/events/topic.ts'
import type { SerialBench } from './bench-port.ts'
import type { PortClaims } from './port-claims.ts'

/** What was done with the board that is plugged in now. */
interface Plugged {
  path: string
  /** As the board said to the newest job that asked. */
  mac: string | null
  /** The newest job of it. */
  jobId: string | null
  tenantId: string | null
  /** Runs in which a person passed it over. */
  skippedIn: Set<string>
  /** Runs that had it already: it begins by itself no more until it is plugged in again. */
  doneIn: Set<string>
  /** Runs in which it begins by hand alone: it failed too often. */
  byHandIn: Set<string>
  /** Counts boards as they come; 0 for what was there at the first look. */
  place: number
  /** ms that it was away before it came; Infinity where it was never seen to go. */
  away: number
  /** When it was seen to go while a job has its port; null: it is there. */
  goneAt: number | null
}

interface BegunJob {
  id: string
  tenantId: string
  runId: string | null
}

/** What is not seen so long after the start is new when it is, ms. */
const REMEMBERED = 15_000
/** A board that was away for less was not unplugged by a person, ms. */
const REPLUG = 3_000

/** Ports as the bench sees them: what is plugged in, whose work is on it, and what was done with it since it came. */
export class PortList {
  readonly #bench: SerialBench
  readonly #claims: PortClaims
  readonly #plugged = new Map<string, Plugged>()
  readonly #remembered = new Map<string, BegunJob[]>()
  /** Runs that take boards as they are plugged in, and how many had come when each of them was opened. */
  readonly #takers = new Map<string, number>()
  /** When boards went that are not there now. */
  readonly #left = new Map<string, number>()
  #come = 0
  #hasLooked = false
  #forgetTimer: NodeJS.Timeout | null = null
  #stops: (() => void)[] = []
  /** Something of ports is new. */
  readonly changed = new Topic<void>()

  constructor(bench: SerialBench, claims: PortClaims) {
    this.#bench = bench
    this.#claims = claims
  }

  start(): void {
    this.#sync()
    this.#hasLooked = this.all().length > 0
    this.#stops = [
      this.#bench.onPorts(() => {
        this.#sync()
        this.#hasLooked = true
        this.changed.emit()
      }),
      this.#claims.changed.subscribe(() => {
        this.#sync()
        this.changed.emit()
      }),
    ]
  }

  stop(): void {
    if (this.#forgetTimer) clearTimeout(this.#forgetTimer)
    for (const stop of this.#stops.splice(0)) stop()
  }

  all(): readonly SerialPort[] {
    return this.#bench.ports()
  }

  /** By path, or by its name. @throws ExpectedError `port_unknown` */
  find(reference: string): SerialPort {
    const ports = this.all()
    const found = ports.find(({ path }) => path === reference) ?? ports.find(({ name }) => name === reference)
    if (!found) throw new ExpectedError('port_unknown', { port: reference })
    return found
  }

  /** Where the board with this identity is plugged in now. */
  ofIdentity(identity: string): SerialPort | null {
    return this.all().find((port) => port.identity === identity) ?? null
  }

  /** @throws ExpectedError `port_busy`, `port_denied` */
  requireFree({ identity, path, access }: SerialPort): void {
    const holder = this.#claims.holderOf(identity)
    if (holder) throw new ExpectedError('port_busy', { port: path, holder: holder.who })
    if (access.state === 'busy')
      throw new ExpectedError('port_busy', { port: path, holder: access.program ?? 'another program' })
    if (access.state === 'denied') throw denied(path, access)
  }

  isFree({ identity, access }: SerialPort): boolean {
    return access.state === 'free' && this.#claims.holderOf(identity) === null
  }

  /** A job begins with the board there. */
  began(identity: string, job: BegunJob): void {
    this.#began(identity, job)
    this.changed.emit()
  }

  #began(identity: string, job: BegunJob): void {
    const plugged = this.#plugged.get(identity)
    if (!plugged) return
    plugged.jobId = job.id
    plugged.tenantId = job.tenantId
    if (job.runId !== null) {
      plugged.doneIn.add(job.runId)
      plugged.skippedIn.delete(job.runId)
    }
  }

  /** The same, of before the start of the site: ports are seen a moment after it. */
  remember(identity: string, job: BegunJob): void {
    if (this.#plugged.has(identity)) this.began(identity, job)
    else this.#remembered.set(identity, [...(this.#remembered.get(identity) ?? []), job])
    this.#forgetTimer ??= setTimeout(() => this.#remembered.clear(), REMEMBERED).unref()
  }

  /**
   * A board said who it is. Where another that is at work says the same, one is a copied chip: the second would take the
   * identity of the first away. A port that nothing is at work on may have had it before: it was moved.
   *
   * @throws ExpectedError `mac_twice`
   */
  identified(path: string, mac: string): void {
    for (const [identity, plugged] of this.#plugged) {
      if (plugged.mac !== mac || plugged.path === path) continue
      if (this.#claims.holderOf(identity) !== null) throw new ExpectedError('mac_twice', { mac })
      plugged.mac = null
    }
    for (const plugged of this.#plugged.values()) if (plugged.path === path) plugged.mac = mac
  }

  /** The newest job of the board that is plugged in there. */
  jobOf({ identity }: SerialPort): string | null {
    return this.#plugged.get(identity)?.jobId ?? null
  }

  skip(identity: string, runId: string): void {
    this.#plugged.get(identity)?.skippedIn.add(runId)
    this.changed.emit()
  }

  /** A run takes boards that are plugged in from now on: what is there already may be no board, and waits to be asked for. */
  take(runId: string): void {
    this.#takers.set(runId, this.#come)
  }

  /** It takes no more. */
  takeNoMore(runId: string): void {
    this.#takers.delete(runId)
  }

  /** It begins by itself no more in a run until it is plugged in again. */
  leave(identity: string, runId: string): void {
    this.#plugged.get(identity)?.byHandIn.add(runId)
    this.changed.emit()
  }

  /** Whether a run may begin with it by itself. */
  isFresh(port: SerialPort, runId: string): boolean {
    const plugged = this.#plugged.get(port.identity)
    const place = this.#takers.get(runId) ?? Number.POSITIVE_INFINITY
    if (plugged === undefined || plugged.place <= place || plugged.byHandIn.has(runId)) return false
    return this.isUntouched(port, runId)
  }

  /** Whether a run neither had it since it was plugged in, nor passed it over. */
  isUntouched({ identity }: SerialPort, runId: string): boolean {
    const plugged = this.#plugged.get(identity)
    return plugged === undefined || !(plugged.doneIn.has(runId) || plugged.skippedIn.has(runId))
  }

  /** Whether it was away long enough to be another board, or the same one after a person saw to it. */
  wasUnplugged({ identity }: SerialPort): boolean {
    return (this.#plugged.get(identity)?.away ?? 0) >= REPLUG
  }

  view(port: SerialPort, scope: TenantScope, isRunSeen: (runId: string) => boolean): BenchPort {
    const { jobId = null, tenantId = null, skippedIn = [] } = this.#plugged.get(port.identity) ?? {}
    const holder = this.#claims.holderOf(port.identity)
    const isTheirs = tenantId !== null && seesTenant(scope, tenantId)
    return {
      ...port,
      jobId: isTheirs ? jobId : null,
      isTaken: holder !== null,
      isSkipped: [...skippedIn].some(isRunSeen),
      beginsByItself: [...this.#takers.keys()].some((id) => isRunSeen(id) && this.isFresh(port, id)),
    }
  }

  /** What was plugged out and in again is new. */
  #sync(): void {
    const now = new Map(this.all().map((port) => [port.identity, port.path]))
    const at = performance.now()
    for (const [identity, leftAt] of this.#left) if (at - leftAt >= REPLUG) this.#left.delete(identity)
    for (const [identity, plugged] of this.#plugged) {
      const { path } = plugged
      plugged.goneAt = now.has(identity) ? null : (plugged.goneAt ?? at)
      // Chips with USB of their own leave and come back when they are reset: while a job has the port, that is no unplugging.
      const mayReturn = this.#claims.holderOf(identity) !== null
      if (now.get(identity) === path || mayReturn) continue
      this.#left.set(identity, plugged.goneAt ?? at)
      this.#plugged.delete(identity)
    }
    for (const [identity, path] of now) {
      const known = this.#plugged.get(identity)
      if (known) known.path = path
      else {
        const away = at - (this.#left.get(identity) ?? Number.NEGATIVE_INFINITY)
        this.#left.delete(identity)
        if (this.#hasLooked) this.#come += 1
        this.#plugged.set(identity, { ...newlyPlugged(path), away, place: this.#hasLooked ? this.#come : 0 })
        for (const job of this.#remembered.get(identity) ?? []) this.#began(identity, job)
        this.#remembered.delete(identity)
      }
    }
  }
}

function newlyPlugged(path: string): Omit<Plugged, 'away' | 'place'> {
  const none = { skippedIn: new Set<string>(), doneIn: new Set<string>(), byHandIn: new Set<string>() }
  return { path, mac: null, jobId: null, tenantId: null, ...none, goneAt: null }
}

function denied(port: string, access: Extract<SerialPort['access'], { state: 'denied' }>): ExpectedError {
  const { group, command } = access
  const remedy =
    command ?? (group === null ? 'ask an administrator of this machine' : `join the group ${group}`)
  return new ExpectedError('port_denied', { port, remedy })
}
