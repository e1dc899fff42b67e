/** Runs tasks of one key in the order given, each after the one before has ended, well or badly; keys do not wait for each other. */
export function inTurnByKey(): <T>(key: string, task: () => Promise<T>) => Promise<T> {
  const last = new Map<string, Promise<unknown>>()
  return (key, task) => {
    const before = last.get(key) ?? Promise.resolve()
    const turn = before.then(task)
    const settled = forget(turn)
    last.set(key, settled)
    return turn

    async function forget(running: Promise<unknown>): Promise<void> {
      await running.catch(() => {})
      if (last.get(key) === settled) last.delete(key)
    }
  }
}
