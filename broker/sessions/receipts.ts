import { randomBytes } from 'node:crypto'
import type { Session } from './session.ts'

interface Open {
  session: Session
  settle: () => void
  timer: NodeJS.Timeout
}

/** ms */
const PATIENCE = 10_000
/** A receipt of a worker that died says nothing to its successor. */
const worker = randomBytes(6).toString('hex')

/**
 * Messages that the engine has to write down before their sender is acknowledged: an answer to a command is sent once, and
 * forgotten by the gateway with its PUBACK. One that is not written in time stays unacknowledged: its session ends, and the
 * gateway sends it again.
 */
export class Receipts {
  private readonly open = new Map<string, Open>()
  private readonly patience: number
  private last = 0

  /** @param patience ms */
  constructor(patience: number = PATIENCE) {
    this.patience = patience
  }

  /** @returns what `confirm` is to be called with */
  expect(session: Session, settle: () => void): string {
    this.last += 1
    const receipt = `${worker}-${this.last}`
    const timer = setTimeout(() => this.giveUp(receipt), this.patience).unref()
    this.open.set(receipt, { session, settle, timer })
    return receipt
  }

  /** It is written down. One that is not known was given up before. */
  confirm(receipt: string): void {
    this.take(receipt)?.settle()
  }

  /** The broker stops: what was not written down is not acknowledged. */
  stop(): void {
    for (const receipt of this.open.keys()) this.take(receipt)
  }

  private giveUp(receipt: string): void {
    this.take(receipt)?.session.end('connection_lost')
  }

  private take(receipt: string): Open | undefined {
    const found = this.open.get(receipt)
    if (!found) return undefined
    clearTimeout(found.timer)
    this.open.delete(receipt)
    return found
  }
}
