import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Refusal } from '#broker/port.ts'
import { RefusalLog } from './refusal-log.ts'

let told: Refusal[]
let log: RefusalLog
beforeEach(() => {
  vi.useFakeTimers()
  told = []
  log = new RefusalLog((refusal) => told.push(refusal), Date.now)
})
afterEach(() => {
  log.stop()
  vi.useRealTimers()
})

const refused = { reason: 'certificate_unknown', address: '10.0.0.7' } as const

test('the first is told at once, its repeats as one with their count', () => {
  for (let n = 0; n < 5; n++) log.record(refused)
  log.record({ ...refused, address: '10.0.0.8' })
  expect(told.map(({ address, count }) => `${address} ${count}`)).toEqual(['10.0.0.7 1', '10.0.0.8 1'])
  vi.advanceTimersByTime(1_000)
  expect(told.slice(2)).toMatchObject([{ address: '10.0.0.7', count: 4 }])
  vi.advanceTimersByTime(2_000)
  expect(told).toHaveLength(3)
  expect(vi.getTimerCount()).toBe(0)
  log.record(refused)
  expect(told.at(-1)).toMatchObject({ count: 1 })
  expect(log.total).toBe(7)
})

test('an attacker who makes up names makes neither memory nor events grow', () => {
  for (let n = 0; n < 50_000; n++) log.record({ ...refused, clientId: `made up ${n}` })
  expect(told.length).toBeLessThanOrEqual(1_001)
  vi.advanceTimersByTime(1_000)
  expect(told.reduce((sum, { count }) => sum + count, 0)).toBe(50_000)
})

test('what strangers send is cut and cleaned', () => {
  log.record({ ...refused, clientId: 'a\nb\u0000c', detail: 'x'.repeat(1_000) })
  expect(told[0]).toMatchObject({ clientId: 'a·b·c', topic: null })
  expect(told[0]?.detail).toHaveLength(161)
})
