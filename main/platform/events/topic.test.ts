import { expect, test } from 'vitest'
import { Topic } from './topic.ts'

test('a listener that throws is reported and keeps nobody else from hearing', () => {
  const reported: unknown[] = []
  const heard: number[] = []
  const topic = new Topic<number>((error) => reported.push(error))
  topic.subscribe(() => {
    throw new Error('broken')
  })
  const stop = topic.subscribe((event) => heard.push(event))
  topic.emit(1)
  stop()
  topic.emit(2)
  expect(heard).toEqual([1])
  expect(reported).toEqual([new Error('broken'), new Error('broken')])
})

test('without a report it is a warning of the process, which goes on', async () => {
  const warning = new Promise((resolve) => process.once('warning', resolve))
  const topic = new Topic<number>()
  topic.subscribe(() => {
    throw new Error('broken, as this test wants it')
  })
  topic.emit(1)
  expect(await warning).toEqual(new Error('broken, as this test wants it'))
})
