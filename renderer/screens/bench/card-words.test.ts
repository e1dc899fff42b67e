import { describe, expect, it } from 'vitest'
import { jobOf, portOf } from './bench.fixture.ts'
import { failurePlace, flashWords, minutes, shareOf, stepBars } from './card-words.ts'

const port = portOf('ttyUSB0')
const error = (code: string) => ({ code, message: '', data: {} })

describe('what a card says', () => {
  it('has a bar for each step', () => {
    expect(stepBars(jobOf(1, port, { step: 'writing' }))).toEqual([
      'done',
      'done',
      'done',
      'now',
      'open',
      'open',
      'open',
    ])
    expect(stepBars(jobOf(1, port, { state: 'failed', step: 'waiting' })).at(-1)).toBe('failed')
    expect(new Set(stepBars(jobOf(1, port, { state: 'passed', step: 'waiting' })))).toEqual(new Set(['done']))
  })

  it('names the place of a failure by its error where that says more than the step', () => {
    const failed = { state: 'failed', step: 'booting' } as const
    expect(failurePlace(jobOf(1, port, { ...failed, error: error('board_wifi_failed') }))).toBe('wifi')
    expect(failurePlace(jobOf(1, port, { ...failed, error: error('board_brownout') }))).toBe('booting')
  })

  it('counts time, flash and share as people read them', () => {
    expect([0, 18.4, 102, 3_725].map(minutes)).toEqual(['0:00', '0:18', '1:42', '1:02:05'])
    expect([4 << 20, 512 << 10].map(flashWords)).toEqual(['4 MB', '512 KB'])
    const progress = { part: 'app', done: 0, total: 0, rate: null, secondsLeft: null }
    expect(shareOf(jobOf(1, port, { progress }))).toBeNull()
    expect(shareOf(jobOf(1, port, { progress: { ...progress, done: 9, total: 8 } }))).toBe(1)
  })
})
