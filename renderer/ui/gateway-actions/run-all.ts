/** How one item ended. */
export type Outcome<Item> = { item: Item; ok: true } | { item: Item; ok: false; error: unknown }

/**
 * Does the same to many, a few at a time; one that fails does not stop the others. Ends early, with what is done so
 * far, when the signal aborts.
 */
export async function runAll<Item>(
  items: readonly Item[],
  act: (item: Item) => Promise<unknown>,
  options: { atOnce: number; signal: AbortSignal; onOutcome(outcome: Outcome<Item>): void },
): Promise<Outcome<Item>[]> {
  const outcomes: Outcome<Item>[] = []
  let next = 0
  const work = async () => {
    while (!options.signal.aborted) {
      const item = items[next++]
      if (item === undefined) return
      const outcome = await act(item).then(
        (): Outcome<Item> => ({ item, ok: true }),
        (error: unknown): Outcome<Item> => ({ item, ok: false, error }),
      )
      outcomes.push(outcome)
      options.onOutcome(outcome)
    }
  }
  await Promise.all(Array.from({ length: Math.min(options.atOnce, items.length) }, work))
  return outcomes
}
