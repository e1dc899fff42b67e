import { expect, it } from 'vitest'
import { readError } from '#renderer/api/read-error.ts'
import {
  clockDifference,
  countdown,
  problemError,
  remedyOf,
  secondsLeft,
  sentOf,
  toneClass,
} from './state-words.ts'

const problem = (code: string) => ({ code, data: { host: 'db.example' } })

it('offers what mends a link that stopped', () => {
  expect(remedyOf(problem('cloud_login_refused'))).toBe('login')
  expect(remedyOf(problem('cloud_certificate_unknown'))).toBe('login')
  expect(remedyOf(problem('cloud_copied'))).toBe('decide')
  expect(remedyOf(problem('cloud_schema_newer'))).toBe('update')
  expect(remedyOf(problem('cloud_role_lacks_rights'))).toBe('retry')
  expect(remedyOf(null)).toBe('retry')
})

it('words a problem as any error is worded', () => {
  expect(readError(problemError(problem('cloud_login_refused')))).toMatchObject({
    code: 'cloud_login_refused',
    data: { host: 'db.example' },
  })
})

it('tells of clocks that differ by more than the network explains', () => {
  expect([null, 4_999, -5_000, 5_001, -60_000].map(clockDifference)).toEqual([
    null,
    null,
    null,
    5_001,
    -60_000,
  ])
})

it('says how long a backlog takes only where something moves', () => {
  expect(secondsLeft(1_000, 100)).toBe(10)
  expect([secondsLeft(null, 100), secondsLeft(0, 100), secondsLeft(10, 0)]).toEqual([null, null, null])
})

it('counts down in seconds where they matter', () => {
  const span = (ms: number) => `${Math.floor(ms / 60_000)} min`
  expect([-5, 1, 95_000, 120_000, 121_000].map((ms) => countdown(ms, span))).toEqual([
    '0 s',
    '1 s',
    '95 s',
    '120 s',
    '2 min',
  ])
})

it('promises no readings where none are sent', () => {
  const modes = (...given: ('off' | 'fleet' | 'telemetry')[]) =>
    sentOf({ tenants: given.map((mode) => ({ mode })) } as Parameters<typeof sentOf>[0])
  expect([modes('off'), modes('off', 'fleet'), modes('fleet', 'telemetry'), modes()]).toEqual([
    'off',
    'fleet',
    'telemetry',
    'off',
  ])
  expect([toneClass('held_up'), toneClass('stopped'), toneClass('live'), toneClass(undefined)]).toEqual([
    't-yellow',
    't-red',
    '',
    '',
  ])
})
