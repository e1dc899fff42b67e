import { expect, test } from 'vitest'
import { inTurnByKey } from './in-turn-by-key.ts'

test('tasks of a key follow each other, whatever became of the one before; keys do not wait', async () => {
  const inTurn = inTurnByKey()
  const log: string[] = []
  let finish: () => void = () => undefined
  const first = inTurn('a', async () => {
    await new Promise<void>((resolve) => (finish = resolve))
    log.push('a1')
    throw new Error('failed')
  })
  const second = inTurn('a', async () => void log.push('a2'))
  await inTurn('b', async () => void log.push('b1'))
  finish()
  await expect(first).rejects.toThrow('failed')
  await second
  expect(log).toEqual(['b1', 'a1', 'a2'])
})
