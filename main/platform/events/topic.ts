/**
 * A typed announcement of facts, in the past tense: nothing waits for a listener, and a listener that throws is
 * reported without touching the others, the announcer or the process.
 */
export class Topic<Event> {
  readonly #listeners = new Set<(event: Event) => void>()
  readonly #report: (error: unknown) => void

  /** `report` hears of listeners that throw; by itself they become warnings of the process. */
  constructor(report: (error: unknown) => void = warn) {
    this.#report = report
  }

  /** Returns the way to stop listening. */
  subscribe(listener: (event: Event) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  emit(event: Event): void {
    for (const listener of this.#listeners) {
      try {
        listener(event)
      } catch (error) {
        this.#report(error)
      }
    }
  }
}

function warn(error: unknown): void {
  process.emitWarning(error instanceof Error ? error : new Error(String(error)))
}
