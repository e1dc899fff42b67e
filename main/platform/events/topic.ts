/**
 * A typed announcement of facts, in the past tense: nothing waits for a listener, and a listener that throws is
 * reported without touching the others.
 */
export class Topic<Event> {
  readonly #listeners = new Set<(event: Event) => void>()

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
        queueMicrotask(() => {
          throw error
        })
      }
    }
  }
}
