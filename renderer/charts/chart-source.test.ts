import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type AskStore, ChartSource } from './chart-source.ts'
import { ReadingTail } from './reading-tail.ts'

const now = 1_795_000_000_000
const minute = 60_000
const window = { from: now - 10 * minute, to: now }

function answerOf(question: Parameters<AskStore>[0], ts: number[], value = 1) {
  const width = (question.to - question.from) / question.points
  const column = ts.map(() => value)
  return {
    series: question.channelIds.map((channelId) => ({
      channelId,
      buckets: {
        ts,
        count: column.map(() => 1),
        min: column,
        max: column,
        sum: column,
        first: column,
        last: column,
        width,
        damaged: [],
      },
    })),
  }
}

function reading(ts: number, value: number, arrivedAt = now) {
  return { channelId: 'a', ts, value, quality: 0, arrivedAt }
}

describe('chart source', () => {
  beforeEach(() => {
    vi.useFakeTimers({ now })
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  it('asks once for the window and around it, and pans without asking again', async () => {
    const asked: Parameters<AskStore>[0][] = []
    const source = new ChartSource(async (question) => {
      asked.push(question)
      return answerOf(question, [question.from, question.to - 60_000])
    }, new ReadingTail())
    source.show({
      channelIds: ['a'],
      window: { from: now - 60 * minute, to: now - 50 * minute },
      points: 100,
    })
    source.start()
    await vi.runAllTimersAsync()
    expect(asked).toHaveLength(1)
    expect(asked[0]?.from).toBeLessThanOrEqual(now - 65 * minute)
    expect(asked[0]?.to).toBeGreaterThanOrEqual(now - 45 * minute)
    source.show({
      channelIds: ['a'],
      window: { from: now - 62 * minute, to: now - 52 * minute },
      points: 100,
    })
    await vi.runAllTimersAsync()
    expect(asked).toHaveLength(1)
    source.show({
      channelIds: ['a'],
      window: { from: now - 75 * minute, to: now - 65 * minute },
      points: 100,
    })
    expect(source.read().rows.get('a')?.ts).toHaveLength(2)
    await vi.runAllTimersAsync()
    expect(asked).toHaveLength(2)
    expect(source.read().rows.get('a')?.ts).toHaveLength(3)
    source.stop()
  })

  it('asks after the gesture rests and drops the older question', async () => {
    const signals: AbortSignal[] = []
    const source = new ChartSource(async (question, signal) => {
      signals.push(signal)
      await new Promise((resolve) => setTimeout(resolve, 1_000))
      return answerOf(question, [question.from])
    }, new ReadingTail())
    source.show({ channelIds: ['a'], window, points: 100 })
    source.start()
    await vi.advanceTimersByTimeAsync(1_100)
    for (let step = 1; step <= 5; step++) {
      source.show({
        channelIds: ['a'],
        window: { from: window.from - step * 20 * minute, to: window.to - step * 20 * minute },
        points: 100,
      })
      await vi.advanceTimersByTimeAsync(50)
    }
    expect(signals).toHaveLength(1)
    await vi.advanceTimersByTimeAsync(200)
    expect(signals).toHaveLength(2)
    source.show({
      channelIds: ['a'],
      window: { from: window.from - 600 * minute, to: window.to - 600 * minute },
      points: 100,
    })
    await vi.advanceTimersByTimeAsync(200)
    expect(signals).toHaveLength(3)
    expect(signals[1]?.aborted).toBe(true)
    expect(signals[2]?.aborted).toBe(false)
    source.stop()
    expect(signals[2]?.aborted).toBe(true)
  })

  it('adds live readings to what is loaded, and those that arrived while the answer was on its way', async () => {
    const tail = new ReadingTail()
    const source = new ChartSource(async (question) => {
      await new Promise((resolve) => setTimeout(resolve, 100))
      return answerOf(question, [now - minute])
    }, tail)
    source.show({ channelIds: ['a'], window, points: 600 })
    source.start()
    await vi.advanceTimersByTimeAsync(50)
    tail.push([reading(now + 10, 7, now + 50)])
    await vi.advanceTimersByTimeAsync(100)
    expect(source.read().rows.get('a')?.last).toEqual([1, 7])
    tail.push([reading(now + 2_000, 9, now + 2_000)])
    await vi.advanceTimersByTimeAsync(300)
    expect(source.read().rows.get('a')?.last).toEqual([1, 7, 9])
    tail.push([{ ...reading(now, 1), channelId: 'other' }])
    expect(source.read().rows.size).toBe(1)
    source.stop()
  })

  it('keeps what is shown when an answer fails, tells why, and asks again when told to', async () => {
    let fails = false
    let calls = 0
    const source = new ChartSource(async (question) => {
      calls += 1
      if (fails) throw new Error('lost')
      return answerOf(question, [now - minute])
    }, new ReadingTail())
    source.show({ channelIds: ['a'], window, points: 100 })
    source.start()
    await vi.runAllTimersAsync()
    fails = true
    source.refresh()
    await vi.runAllTimersAsync()
    expect(source.read().error).toBeInstanceOf(Error)
    expect(source.read().rows.get('a')?.ts).toHaveLength(1)
    source.show({ channelIds: ['a'], window, points: 100 })
    await vi.runAllTimersAsync()
    expect(calls).toBe(2)
    fails = false
    source.refresh()
    await vi.runAllTimersAsync()
    expect(source.read().error).toBeNull()
    expect(calls).toBe(3)
    source.stop()
  })

  it('asks anew when a channel is added', async () => {
    const asked: string[][] = []
    const source = new ChartSource(async (question) => {
      asked.push(question.channelIds)
      return answerOf(question, [now - minute])
    }, new ReadingTail())
    source.show({ channelIds: ['a'], window, points: 100 })
    source.start()
    await vi.runAllTimersAsync()
    source.show({ channelIds: ['a', 'b'], window, points: 100 })
    await vi.runAllTimersAsync()
    source.show({ channelIds: ['b'], window, points: 100 })
    await vi.runAllTimersAsync()
    expect(asked).toEqual([['a'], ['a', 'b']])
    expect([...source.read().rows.keys()]).toEqual(['b'])
    source.stop()
  })
})

describe('reading tail', () => {
  it('keeps the newest reading by its time, never one that is ahead', () => {
    const tail = new ReadingTail()
    tail.push([reading(10, 1), reading(30, 3), reading(20, 2), { ...reading(9_999_999, 4), quality: 2 }])
    expect(tail.latest('a')).toEqual({ ts: 30, value: 3, quality: 0 })
    expect(tail.latest('b')).toBeUndefined()
  })
})
