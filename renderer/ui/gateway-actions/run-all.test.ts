import { describe, expect, it } from 'vitest'
import { runAll } from './run-all.ts'

const options = (signal = new AbortController().signal) => ({ atOnce: 2, signal, onOutcome: () => {} })

describe('runAll', () => {
  it('goes on after a failure and tells how each ended', async () => {
    const outcomes = await runAll(
      [1, 2, 3],
      async (n) => {
        if (n === 2) throw new Error('no')
      },
      options(),
    )
    expect(outcomes.filter(({ ok }) => ok).map(({ item }) => item)).toEqual([1, 3])
    expect(outcomes.filter(({ ok }) => !ok).map(({ item }) => item)).toEqual([2])
  })

  it('never has more under way than it may', async () => {
    let now = 0
    let most = 0
    await runAll(
      [1, 2, 3, 4, 5],
      async () => {
        now += 1
        most = Math.max(most, now)
        await Promise.resolve()
        now -= 1
      },
      options(),
    )
    expect(most).toBe(2)
  })

  it('begins nothing more once it is cancelled', async () => {
    const controller = new AbortController()
    const begun: number[] = []
    await runAll(
      [1, 2, 3, 4, 5, 6],
      async (n) => {
        begun.push(n)
        if (n === 2) controller.abort()
      },
      options(controller.signal),
    )
    expect(begun.length).toBeLessThan(6)
  })
})
