import { expect, test } from 'vitest'
import { BatchedWrites } from './batched-writes.ts'

const never = (error: unknown) => {
  throw error
}

test('what comes together is written together, in order', async () => {
  const batches: number[][] = []
  const writes = new BatchedWrites<number>(async (items) => void batches.push(items), 60_000, never)
  for (const item of [1, 2, 3]) writes.add(item)
  await writes.flush()
  writes.add(4)
  await writes.flush()
  expect(batches).toEqual([[1, 2, 3], [4]])
})

test('it writes by itself after its delay', async () => {
  const written = new Promise<number[]>((resolve) => {
    const writes = new BatchedWrites<number>(async (items) => resolve(items), 1, never)
    writes.add(7)
  })
  expect(await written).toEqual([7])
})

test('one batch at a time: the next waits for the one before', async () => {
  let finishFirst: () => void = () => undefined
  const log: string[] = []
  const writes = new BatchedWrites<number>(
    async ([item]) => {
      log.push(`begin ${item}`)
      if (item === 1) await new Promise<void>((resolve) => (finishFirst = resolve))
      log.push(`end ${item}`)
    },
    60_000,
    never,
  )
  writes.add(1)
  const first = writes.flush()
  writes.add(2)
  const second = writes.flush()
  await Promise.resolve()
  finishFirst()
  await Promise.all([first, second])
  expect(log).toEqual(['begin 1', 'end 1', 'begin 2', 'end 2'])
})

test('a batch that fails is told, and the ones after it are written', async () => {
  const errors: unknown[] = []
  const written: number[] = []
  const writes = new BatchedWrites<number>(
    async ([item = 0]) => {
      if (item === 1) throw new Error('disk full')
      written.push(item)
    },
    60_000,
    (error) => errors.push(error),
  )
  writes.add(1)
  await writes.flush()
  writes.add(2)
  await writes.flush()
  expect(errors).toEqual([new Error('disk full')])
  expect(written).toEqual([2])
})
