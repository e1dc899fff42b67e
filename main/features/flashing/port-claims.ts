import { ExpectedError } from '#contract/errors.ts'
import type { SerialPort } from '#contract/model/serial-port.ts'
import { Topic } from '#platform/events/topic.ts'

/** Whose work is on a port. */
export interface PortHolder {
  kind: 'job' | 'monitor' | 'setup'
  /** Null: of the whole site. */
  tenantId: string | null
  /** Of a job; null for what has none. */
  jobId: string | null
  /** As people are told: `a monitor`, `a flash job`. */
  who: string
}

/**
 * One port, one use: jobs, monitors and serial setup ask here before they open one. A port is known by what is plugged in
 * where, not by its path: a board that resets its own USB may come back under another.
 */
export class PortClaims {
  /** A port was taken or given back. */
  readonly changed = new Topic<{ path: string }>()
  /** By identity. */
  readonly #holders = new Map<string, PortHolder>()

  /**
   * @returns how to give it back; may be called twice
   * @throws ExpectedError `port_busy`
   */
  take({ identity, path }: Pick<SerialPort, 'identity' | 'path'>, holder: PortHolder): () => void {
    const other = this.#holders.get(identity)
    if (other !== undefined) throw new ExpectedError('port_busy', { port: path, holder: other.who })
    this.#holders.set(identity, holder)
    this.changed.emit({ path })
    return () => {
      if (this.#holders.get(identity) !== holder) return
      this.#holders.delete(identity)
      this.changed.emit({ path })
    }
  }

  /** By what the port is known by. */
  holderOf(identity: string): PortHolder | null {
    return this.#holders.get(identity) ?? null
  }
}
