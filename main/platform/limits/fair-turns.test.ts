import { expect, test } from 'vitest'
import { FairTurns } from './fair-turns.ts'

/** Takes turns whose tasks end when they are told to. */
function start(limits = { most: 3, mostOfKey: 2 }) {
  const turns = new FairTurns(limits)
  const ran: string[] = []
  let end = () => {}
  const take = (name: string, rank: number, key = name) =>
    turns.take({ key, rank }, async () => {
      ran.push(name)
      await new Promise<void>((resolve) => {
        end = resolve
      })
      return name
    })
  const endOne = async () => {
    end()
    await new Promise(setImmediate)
  }
  return { take, ran, endOne }
}

test('one at a time, the lowest rank first and then whoever came first', async () => {
  const { take, ran, endOne } = start()
  const all = [take('a', 0), take('b', 2), take('c', 1), take('d', 1)]
  for (let i = 0; i < 4; i++) await endOne()
  expect(ran).toEqual(['a', 'c', 'd', 'b'])
  expect(await Promise.all(all)).toEqual(['a', 'b', 'c', 'd'].map((value) => ({ value })))
})

test('a full queue sends away the highest rank, and the newest where ranks are equal', async () => {
  const { take, ran, endOne } = start()
  const all = ['a', 'b', 'c', 'd', 'e'].map((name) => take(name, 1))
  const better = take('f', 0)
  for (let i = 0; i < 4; i++) await endOne()
  expect(ran).toEqual(['a', 'f', 'b', 'c'])
  expect(await Promise.all([...all, better])).toEqual([
    ...['a', 'b', 'c'].map((value) => ({ value })),
    null,
    null,
    { value: 'f' },
  ])
})

test('who waits already waits for the next one longer', async () => {
  const { take, ran, endOne } = start({ most: 5, mostOfKey: 5 })
  const all = [take('a', 0), take('x1', 0, 'x'), take('x2', 0, 'x'), take('x3', 0, 'x'), take('b', 0)]
  for (let i = 0; i < 5; i++) await endOne()
  expect(ran).toEqual(['a', 'x1', 'b', 'x2', 'x3'])
  expect(await Promise.all(all)).toHaveLength(5)
})

test('one key takes no more than its share of the queue', async () => {
  const { take, ran, endOne } = start()
  const all = ['a', 'b', 'c', 'd'].map((name) => take(name, 0, 'same'))
  expect(await all[3]).toBeNull()
  for (let i = 0; i < 3; i++) await endOne()
  expect(ran).toEqual(['a', 'b', 'c'])
})

test('a task that fails gives its turn on', async () => {
  const turns = new FairTurns({ most: 1, mostOfKey: 1 })
  const failed = turns.take({ key: 'a', rank: 0 }, () => Promise.reject(new Error('no')))
  const next = turns.take({ key: 'b', rank: 0 }, async () => 1)
  await expect(failed).rejects.toThrow('no')
  expect(await next).toEqual({ value: 1 })
})
