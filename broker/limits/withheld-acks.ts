import type { Session } from '#broker/sessions/session.ts'

interface Withheld {
  /** ms of the monotonic clock. */
  until: number
  release: () => void
}

interface Queue {
  waiting: Withheld[]
  /** Before that nothing is read of the session, ms of the monotonic clock. */
  heldUntil: number
  timer: NodeJS.Timeout | null
}

/**
 * Messages that were taken and whose acknowledgement waits, by session and in their order [MQTT-4.6.0-2]. No acknowledgement
 * waits longer than half the keepalive: no sender is to think that the site is gone. Where that is not long enough, reading
 * on waits for the rest, and so does the keepalive: that nothing is heard of the sender is our doing.
 */
export class WithheldAcks {
  private readonly queues = new Map<Session, Queue>()
  private readonly released: () => void

  /** @param released after each round of releases */
  constructor(released: () => void) {
    this.released = released
  }

  /**
   * @param ms from now that the sender has to wait; 0: for those before it
   * @returns to be called when the message is dealt with: `settle` follows when the time is over as well
   */
  join(session: Session, ms: number, settle: () => void): () => void {
    let open = 2
    const step = (): void => {
      open -= 1
      if (open === 0) settle()
    }
    this.withhold(session, ms, step)
    return step
  }

  /** Not before the one withheld before it. */
  private withhold(session: Session, ms: number, release: () => void): void {
    const now = performance.now()
    const queue = this.queues.get(session) ?? { waiting: [], heldUntil: now, timer: null }
    const until = now + Math.min(ms, halfKeepalive(session))
    queue.waiting.push({ until: Math.max(until, queue.waiting.at(-1)?.until ?? 0), release })
    queue.heldUntil = Math.max(queue.heldUntil, now + ms)
    this.queues.set(session, queue)
    session.withheld = queue.waiting.length
    session.held = true
    if (queue.timer === null) this.wait(session, queue, now)
  }

  /**
   * The session ended. One that is kept remembers its QoS 2 messages as received, so that they are not taken twice; of a
   * clean one nothing is to be left [MQTT-3.1.2-6].
   */
  ended(session: Session): void {
    const queue = this.queues.get(session)
    if (!queue) return
    this.drop(session, queue)
    if (session.client?.clean === false) this.letGo(queue.waiting)
  }

  /** The broker stops: everything is acknowledged, for it was taken. */
  stop(): void {
    for (const [session, queue] of this.queues) {
      this.drop(session, queue)
      this.letGo(queue.waiting)
    }
  }

  private wait(session: Session, queue: Queue, now: number): void {
    const until = queue.waiting[0]?.until ?? queue.heldUntil
    const ms = Math.max(1, Math.min(until - now, halfKeepalive(session)))
    queue.timer = setTimeout(() => this.waited(session, queue), ms)
  }

  private waited(session: Session, queue: Queue): void {
    session.client?._keepaliveTimer?.refresh()
    const now = performance.now()
    const later = queue.waiting.findIndex(({ until }) => until > now)
    const due = queue.waiting.splice(0, later === -1 ? queue.waiting.length : later)
    const isOver = queue.waiting.length === 0 && queue.heldUntil <= now
    if (isOver) this.drop(session, queue)
    else this.wait(session, queue, now)
    session.withheld = queue.waiting.length
    this.letGo(due)
    if (isOver && !session.socket.destroyed) session.socket.emit('readable')
  }

  private drop(session: Session, { timer }: Queue): void {
    if (timer) clearTimeout(timer)
    this.queues.delete(session)
    session.withheld = 0
    session.held = false
  }

  private letGo(due: readonly Withheld[]): void {
    if (due.length === 0) return
    for (const { release } of due) release()
    this.released()
  }
}

/** ms */
function halfKeepalive({ keepalive }: Session): number {
  return keepalive === 0 ? Number.POSITIVE_INFINITY : keepalive * 500
}
