import { expect, it } from 'vitest'
import { LineBuffer } from './line-buffer.ts'

const line = (text: string) => ({ at: 0, text, meaning: null, data: {} })
const lines = (from: number, count: number) => Array.from({ length: count }, (_, n) => line(String(from + n)))

it('gives what came since the last time', () => {
  const buffer = new LineBuffer()
  expect(buffer.take()).toBeNull()
  buffer.add([line('a')], 0)
  buffer.add([line('b')], 3)
  expect(buffer.take()).toEqual({ lines: [line('a'), line('b')], dropped: 3 })
  expect(buffer.take()).toBeNull()
})

it('keeps the newest lines and counts the others', () => {
  const buffer = new LineBuffer()
  buffer.add(lines(0, 1_500), 0)
  buffer.add(lines(1_500, 1_500), 0)
  const taken = buffer.take()
  expect(taken?.dropped).toBe(1_000)
  expect(taken?.lines.map(({ text }) => text).slice(0, 1)).toEqual(['1000'])
  expect(taken?.lines).toHaveLength(2_000)
  buffer.add(lines(0, 5_000), 0)
  expect(buffer.take()).toMatchObject({
    dropped: 3_000,
    lines: expect.toSatisfy((all: unknown[]) => all.length === 2_000),
  })
})
