import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { MovingWindow } from './moving-window.ts'
import type { TimeWindow } from './time-range.ts'

const drawn: TimeWindow[] = []
const told: TimeWindow[] = []
let rests = 0
let moving: MovingWindow

beforeEach(() => {
  vi.useFakeTimers({
    toFake: ['setTimeout', 'clearTimeout', 'performance', 'requestAnimationFrame', 'cancelAnimationFrame'],
  })
  vi.stubGlobal('requestAnimationFrame', (run: () => void) => setTimeout(run, 16))
  vi.stubGlobal('cancelAnimationFrame', (frame: number) => clearTimeout(frame))
  drawn.length = 0
  told.length = 0
  rests = 0
  moving = new MovingWindow({
    draw: (window) => drawn.push(window),
    onWindow: (window) => told.push(window),
    onRest: () => rests++,
  })
})
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

const at = (from: number) => ({ from, to: from + 100 })

it('draws once a frame and tells the screen a few times a second, and in the end what holds', () => {
  // A wheel fires four times a frame for half a second.
  for (let n = 0; n < 125; n++) {
    moving.move(at(n))
    vi.advanceTimersByTime(4)
  }
  expect(drawn.length).toBeLessThanOrEqual(32)
  expect(told.length).toBeLessThanOrEqual(5)
  expect(moving.window()).toEqual(at(124))
  expect(rests).toBe(0)
  vi.advanceTimersByTime(1_000)
  expect(drawn.at(-1)).toEqual(at(124))
  expect(told.at(-1)).toEqual(at(124))
  expect(rests).toBe(1)
  expect(moving.window()).toBeNull()
})

it('does nothing more once it is stopped', () => {
  moving.move(at(1))
  moving.stop()
  vi.advanceTimersByTime(1_000)
  expect([drawn, told, rests]).toEqual([[], [], 0])
})
