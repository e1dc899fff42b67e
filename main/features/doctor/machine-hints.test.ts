import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { ClockWatch } from './clock-watch.ts'
import { firewallHints, timeService } from './machine-hints.ts'

let root: string
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'mw-machine-'))
})
afterEach(() => rm(root, { recursive: true }))

async function file(path: string, content = ''): Promise<void> {
  await mkdir(dirname(join(root, path)), { recursive: true })
  await writeFile(join(root, path), content)
}

test('a machine without any has none', async () => {
  expect(await firewallHints({ platform: 'linux', root }, [8883])).toEqual([])
  expect(await timeService({ platform: 'linux', root })).toEqual({ service: null, synchronized: null })
})

test('firewalls that are there, on or off, each with what opens the ports', async () => {
  await file('etc/ufw/ufw.conf', '# x\nENABLED=yes\n')
  await file('usr/sbin/firewalld')
  await file('etc/nftables.conf')
  const hints = await firewallHints({ platform: 'linux', root }, [8883, 8884])
  expect(hints.map(({ name, active }) => [name, active])).toEqual([
    ['ufw', true],
    ['firewalld', false],
    ['nftables', null],
  ])
  expect(hints[0]?.command).toBe('sudo ufw allow 8883/tcp && sudo ufw allow 8884/tcp')
  expect((await firewallHints({ platform: 'win32', root }, [8883]))[0]?.command).toContain('localport=8883')
})

test('a time service that has not set the clock yet', async () => {
  await mkdir(join(root, 'run/systemd/timesync'), { recursive: true })
  expect(await timeService({ platform: 'linux', root })).toEqual({
    service: 'systemd-timesyncd',
    synchronized: false,
  })
  await file('run/systemd/timesync/synchronized')
  expect((await timeService({ platform: 'linux', root })).synchronized).toBe(true)
})

test('a jump of the clock is noted, its drift is not', () => {
  let [wall, steady] = [1_000_000, 0]
  const watch = new ClockWatch(
    () => wall,
    () => steady,
  )
  watch.start()
  const pass = (ms: number, jump = 0) => {
    steady += ms
    wall += ms + jump
    watch.look()
  }
  pass(5_000, 300)
  pass(5_000, -3_600_000)
  pass(5_000)
  watch.stop()
  expect(watch.jumps).toEqual([{ at: wall - 5_000, by: -3_600_000 }])
})
