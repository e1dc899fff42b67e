import { setTimeout as sleep } from 'node:timers/promises'
import { ExpectedError } from '#contract/errors.ts'
import { type Actor, auditActor, scopeOf } from '#features/access/index.ts'
import type { Clock } from '#platform/clock/clock.ts'
import type { SiteDb } from '#platform/db/site-db.ts'
import { uuid7 } from '#platform/ids/uuid7.ts'
import type { BoardLine, MonitorSession, SerialBench } from './bench-port.ts'
import { requireOwnPort } from './board-owner.ts'
import { LineBuffer } from './line-buffer.ts'
import type { PortClaims } from './port-claims.ts'
import type { PortList } from './port-list.ts'

/** Lines are sent on this often, ms. */
const LINES_EVERY = 100
/** A silent board's receiver hears something this often, ms: that is when its right to listen is looked at. */
const BEAT_EVERY = 1_000

export interface MonitorsDependencies {
  db: SiteDb
  bench: Pick<SerialBench, 'openMonitor'>
  ports: PortList
  claims: PortClaims
  clock: Clock
}

export interface MonitorOrder {
  /** Path or name. */
  port: string
  baud: number
  /** Reset the board first, to see it boot. */
  reset: boolean
}

export type MonitorEvent =
  | { event: 'open'; monitorId: string }
  | { event: 'lines'; lines: (Omit<BoardLine, 'at'> & { at: Date })[]; dropped: number }
  | { event: 'closed'; code: string; message: string }

interface OpenMonitor {
  owner: string
  port: string
  session: MonitorSession
}

/** Who listens to boards. A port is one listener's; what boards say is kept nowhere. */
export class Monitors {
  readonly #dependencies: MonitorsDependencies
  readonly #open = new Map<string, OpenMonitor>()

  constructor(dependencies: MonitorsDependencies) {
    this.#dependencies = dependencies
  }

  /**
   * Opens a port for one listener. The port is given back when the stream ends: the listener went, the port is gone,
   * or the site stops.
   *
   * @throws ExpectedError `port_unknown`, `port_busy`, `port_denied`, `port_failed`, `mac_taken`
   */
  async listen(
    actor: Actor,
    order: MonitorOrder,
    signal: AbortSignal | undefined,
  ): Promise<AsyncGenerator<MonitorEvent>> {
    const { db, bench, ports, claims, clock } = this.#dependencies
    const port = ports.find(order.port)
    ports.requireFree(port)
    const { path, name } = port
    const scope = scopeOf(actor)
    await requireOwnPort(db, ports, { scope, tenantId: null }, port)
    const tenantId = scope.all ? null : scope.tenantId
    const release = claims.take(port, { kind: 'monitor', tenantId, jobId: null, who: 'a serial monitor' })
    try {
      const session = await bench.openMonitor(path, { baud: order.baud })
      const monitorId = uuid7(clock.now())
      this.#open.set(monitorId, { owner: ownerOf(actor), port: name, session })
      const end = async () => {
        this.#open.delete(monitorId)
        await session.close()
        release()
      }
      // A listener that left while the port was opened never begins to read the stream.
      if (signal?.aborted) await end()
      signal?.addEventListener('abort', () => void end().catch(() => {}), { once: true })
      return this.#follow({ monitorId, session, reset: order.reset, signal, end })
    } catch (error) {
      release()
      throw error
    }
  }

  /** @throws ExpectedError `not_found` for another's, `port_lost` */
  async send(actor: Actor, monitorId: string, text: string): Promise<{ port: string }> {
    const { session, port } = this.#require(actor, monitorId)
    await session.send(text)
    return { port }
  }

  /** @throws ExpectedError as `send` */
  async reset(actor: Actor, monitorId: string): Promise<{ port: string }> {
    const { session, port } = this.#require(actor, monitorId)
    await session.reset()
    return { port }
  }

  #require(actor: Actor, monitorId: string): OpenMonitor {
    const found = this.#open.get(monitorId)
    if (found === undefined || found.owner !== ownerOf(actor))
      throw new ExpectedError('not_found', { what: 'monitor', id: monitorId })
    return found
  }

  async *#follow(of: {
    monitorId: string
    session: MonitorSession
    reset: boolean
    signal: AbortSignal | undefined
    end(): Promise<void>
  }): AsyncGenerator<MonitorEvent> {
    const { monitorId, session, reset, signal, end } = of
    const buffer = new LineBuffer()
    const stop = session.onLines((lines, dropped) => buffer.add(lines, dropped))
    const port = { isGone: false, error: null as Error | null }
    const seeOff = async () => {
      port.error = await session.ended
      port.isGone = true
    }
    void seeOff()
    try {
      yield { event: 'open', monitorId }
      if (reset) await session.reset()
      let saidAt = performance.now()
      while (!signal?.aborted) {
        // Asked first: what came before the end is in the buffer then.
        const { isGone, error } = port
        const taken = buffer.take()
        if (taken !== null || performance.now() - saidAt >= BEAT_EVERY) {
          saidAt = performance.now()
          const { lines, dropped } = taken ?? { lines: [], dropped: 0 }
          yield { event: 'lines', lines: lines.map((line) => ({ ...line, at: new Date(line.at) })), dropped }
        }
        if (isGone) {
          yield closedBy(error)
          return
        }
        await Promise.race([session.ended, sleep(LINES_EVERY, undefined, { ref: false })])
      }
    } finally {
      stop()
      await end()
    }
  }
}

function closedBy(error: Error | null): MonitorEvent {
  if (error instanceof ExpectedError) return { event: 'closed', code: error.code, message: error.message }
  return { event: 'closed', code: '', message: error === null ? 'closed' : error.message }
}

function ownerOf(actor: Actor): string {
  const { kind, id } = auditActor(actor)
  return `${kind}:${id ?? ''}`
}
