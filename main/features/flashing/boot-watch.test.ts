import { expect, test } from 'vitest'
import type { BoardLine } from './bench-port.ts'
import { BootWatch } from './boot-watch.ts'

const line = (meaning: string | null, data: BoardLine['data'] = {}, text = 'x'): BoardLine => ({
  at: 0,
  text,
  meaning,
  data,
})
const watch = () => new BootWatch({ ssid: 'PLANT', address: 'mqtts://10.0.0.5:8883' })
/** The code with which it gives up, and after how many of these lines. */
function givesUp(lines: BoardLine[]): [string, number] | null {
  const boot = watch()
  for (const [index, one] of lines.entries()) {
    const error = boot.take(one)
    if (error) return [error.code, index + 1]
  }
  return null
}
const times = (count: number, one: BoardLine) => Array.from({ length: count }, () => one)

test.each([
  ['brownout', {}, ['board_brownout', 2]],
  ['panic', { cause: 'LoadProhibited' }, ['board_panicked', 3]],
  ['abort', {}, ['board_panicked', 3]],
  ['no_app', {}, ['board_no_app', 3]],
  ['download_mode', {}, ['board_no_app', 3]],
  ['wifi_failed', { reason: 'wrong-password' }, ['board_wifi_failed', 3]],
  ['broker_failed', { reason: 'refused' }, ['board_broker_failed', 5]],
  ['boot_loop', { after: 'brownout' }, ['board_brownout', 1]],
  ['boot_loop', { after: 'panic', count: 4, seconds: 9 }, ['board_panicked', 1]],
  ['reset', {}, null],
  ['noise', {}, null],
])('of %s %j it gives up with %j', (meaning, data, expected) => {
  expect(givesUp(times(6, line(meaning, data)))).toEqual(expected)
})

test('a board that joins after all has no trouble', () => {
  const boot = watch()
  boot.take(line('wifi_failed', { reason: 'not-found' }))
  expect(boot.trouble?.message).toContain('PLANT')
  expect(boot.isRunning).toBe(false)
  boot.take(line('wifi_connected'))
  expect([boot.trouble, boot.isRunning]).toEqual([null, true])
})

test('noise is no word', () => {
  const boot = watch()
  boot.take(line('noise', {}, '~~~~'))
  expect(boot.isSilent).toBe(true)
  boot.take(line(null, {}, 'ets Jul 29 2019'))
  expect(boot.isSilent).toBe(false)
})
