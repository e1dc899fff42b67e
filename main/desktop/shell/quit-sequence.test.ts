import { expect, test } from 'vitest'
import { QuitSequence } from './quit-sequence.ts'

test('the first quit is held until the engine has stopped, then let through', async () => {
  const stopped = Promise.withResolvers<void>()
  const events: string[] = []
  const sequence = new QuitSequence({
    stop: () => {
      events.push('stop')
      return stopped.promise
    },
    quit: () => events.push('quit'),
  })
  const attempt = (): void => sequence.beforeQuit({ preventDefault: () => events.push('held') })

  expect(sequence.quitting).toBe(false)
  attempt()
  expect(sequence.quitting).toBe(true)
  // An impatient second Ctrl-Q changes nothing.
  attempt()
  expect(events).toEqual(['held', 'stop', 'held'])
  stopped.resolve()
  await stopped.promise
  await new Promise(setImmediate)
  attempt()
  expect(events).toEqual(['held', 'stop', 'held', 'quit'])
})

test('a stop that fails does not keep the program alive', async () => {
  let quits = 0
  const sequence = new QuitSequence({
    stop: async () => Promise.reject(new Error('no')),
    quit: () => {
      quits += 1
    },
  })
  sequence.beforeQuit({ preventDefault: () => undefined })
  await expect.poll(() => quits).toBe(1)
})
