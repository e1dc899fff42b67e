import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile, stat, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { FlashJob } from '#contract/model/flash.ts'
import { startBoards, type TestBoard, type TestBoards } from '#tests/fixtures/boards.ts'
import { bareEnvironment, cliEntry, millwright, millwrightJson } from './command.ts'
import { makeSiteProcess, removeSiteProcess, type SiteProcess } from './site-process.ts'

const simGateway = resolve(import.meta.dirname, '../../../resources/firmware/sim-gateway')
const bundle = ['--bundle', 'Simulated gateway']

let site: SiteProcess
let rack: TestBoards
let first: TestBoard
let second: TestBoard
let third: TestBoard

beforeAll(async () => {
  rack = await startBoards(3)
  ;[first, second, third] = rack.boards as [TestBoard, TestBoard, TestBoard]
  site = await makeSiteProcess()
  site.environment = { MILLWRIGHT_SIMULATED_PORTS: rack.folder }
  await site.create()
  await site.start()
  await millwrightJson(on('firmware', 'import', simGateway))
})
afterAll(async () => {
  await removeSiteProcess(site)
  await rack.stop()
})

const on = (...args: string[]) => [...args, '--data', site.dataDir]
const inDir = (name: string) => join(site.dir, name)

interface Flashed {
  run: { name: string; state: string }
  jobs: FlashJob[]
  label: string | null
}

test('ports are listed, and a board tells who it is', async () => {
  const path = await first.path()
  const { stdout } = await millwright(on('ports'))
  expect(stdout).toMatch(/^PORT +BOARD +ADAPTER +SERIAL +STATE\n/)
  expect(stdout).toContain(`${path}  CP2102 (simulated)  cp210x 10c4:ea60`)
  const job = await millwrightJson<FlashJob>(on('ports', 'identify', path))
  expect(job).toMatchObject({ state: 'passed', board: { mac: first.options.mac } })
})

test('flash makes the board on a port a gateway, with labels and a birth record that holds', async () => {
  await writeFile(inDir('wifi'), 'open sesame 7\n')
  const wifi = ['--wifi', 'PLANT', '--wifi-password-file', inDir('wifi')]
  const names = ['--gateway', 'BOILER', '--name', 'Boiler room']
  const label = ['--label', 'zpl', '--label-out', inDir('labels.zpl')]
  const port = ['--port', await first.path()]
  const { code, stdout, stderr } = await millwright(
    on('flash', ...port, ...bundle, ...names, ...wifi, ...label),
  )
  expect([code, stdout]).toEqual([
    0,
    expect.stringMatching(/passed +BOILER +Boiler room +24:6f:28:00:00:01 +ESP32/),
  ])
  expect(stdout).toContain('1 of 1 passed')
  expect(stderr).toMatch(/^\S+ {2}BOILER {2}passed$/m)
  expect(await readFile(inDir('labels.zpl'), 'utf8')).toContain('Boiler room')
  expect(await millwrightJson(on('birth-record', 'BOILER', '--verify'))).toMatchObject({ isValid: true })
  const { jobs } = await millwrightJson<{ jobs: FlashJob[] }>(on('flash', 'jobs', '--gateway', 'BOILER'))
  const { log } = await millwrightJson<{ log: { text: string }[] }>(on('flash', 'show', jobs[0]?.id ?? ''))
  expect(log.map(({ text }) => text)).toContain('mw: broker connected')
})

test('flash --all follows a plan, fails with 1 where a board fails, and retry makes it pass', async () => {
  const plan = `mac;code;name\n${third.options.mac};THIRD;Third\n${first.options.mac};BOILER\n;NEXT;Next\n`
  await writeFile(inDir('plan.csv'), plan)
  await second.fault({ wrongMd5: 'once' })
  const all = [
    'flash',
    '--all',
    '--csv',
    inDir('plan.csv'),
    ...bundle,
    '--wifi',
    'PLANT',
    '--speed',
    '921600',
  ]
  const { code, stdout } = await millwright([...on(...all), '--json'])
  expect(code).toBe(1)
  const { run, jobs } = JSON.parse(stdout) as Flashed
  expect(run.state).toBe('ended')
  const ends = jobs.map(({ board, gateway, state }) => [board?.mac, gateway?.code, state].join(' '))
  expect(ends.toSorted((a, b) => a.localeCompare(b))).toEqual([
    `${first.options.mac} BOILER passed`,
    `${second.options.mac} NEXT failed`,
    `${third.options.mac} THIRD passed`,
  ])
  const failed = jobs.find(({ state }) => state === 'failed')
  expect(failed?.error?.code).toBe('verify_failed')
  const retried = await millwrightJson<FlashJob>(on('flash', 'retry', failed?.id ?? ''))
  expect(retried).toMatchObject({ state: 'passed', attempt: 2, gateway: { code: 'NEXT' } })
})

test('a row that does not hold is named, and flags that do not fit', async () => {
  await writeFile(inDir('bad.csv'), 'mac,code\n24:6f:28:00:00:01,A\n24:6f:28:00:00,B\n')
  const bad = await millwright(on('flash', '--all', '--csv', inDir('bad.csv'), ...bundle))
  expect([bad.code, bad.stderr]).toEqual([
    2,
    expect.stringContaining('line 3: "24:6f:28:00:00" is no MAC address'),
  ])
  const both = await millwright(on('flash', '--all', '--port', 'x', ...bundle))
  expect([both.code, both.stderr]).toEqual([2, expect.stringContaining('either --port PORT or --all')])
  const none = await millwright(on('flash', '--port', 'ttyUSB77', ...bundle))
  expect([none.code, none.stderr]).toEqual([1, expect.stringContaining('There is no serial port ttyUSB77')])
  // What was begun for it is over: the next one may begin.
  const dry = await millwright(on('flash', '--port', 'x', ...bundle, '--dry-run'))
  expect([dry.code, dry.stdout]).toEqual([0, expect.stringMatching(/^first gateways +GW001 /m)])
})

test('the first Ctrl-C lets a board finish, the second cancels it', async () => {
  await second.fault({ slowErase: 500 })
  const args = on('flash', '--port', await second.path(), ...bundle, '--erase')
  const gentle = spawn(process.execPath, [cliEntry, ...args], { env: bareEnvironment() })
  await interruptAt(gentle, /erasing/, 1)
  expect(await once(gentle, 'exit')).toEqual([0, null])
  await second.fault({ slowErase: 20_000 })
  const hasty = spawn(process.execPath, [cliEntry, ...args], { env: bareEnvironment() })
  await interruptAt(hasty, /erasing/, 2)
  expect(await once(hasty, 'exit')).toEqual([1, null])
  await second.fault(null)
})

async function interruptAt(child: ReturnType<typeof spawn>, says: RegExp, times: number): Promise<void> {
  if (child.stderr === null) throw new Error('no stderr')
  const lines = createInterface({ input: child.stderr })
  child.stdout?.resume()
  let sent = 0
  for await (const line of lines) {
    if (sent === 0 ? !says.test(line) : !line.startsWith('Ending')) continue
    child.kill('SIGINT')
    sent += 1
    if (sent === times) break
  }
  child.stderr.resume()
}

test('a backup is for its owner alone; nothing is erased unless it is meant', async () => {
  const port = await third.path()
  const file = inDir('third.bin')
  const made = await millwrightJson<FlashJob>(
    on('ports', 'backup', port, '--out', file, '--speed', '1500000'),
  )
  expect(made).toMatchObject({ state: 'passed', wrote: file })
  expect([(await stat(file)).mode & 0o777, (await readFile(file)).equals(await third.flash())]).toEqual([
    0o600,
    true,
  ])
  expect((await millwright(on('ports', 'erase', port))).code).toBe(2)
})

test('monitor shows a boot with its meanings until Ctrl-C', async () => {
  const args = on('monitor', '--port', await third.path(), '--reset', '--filter', 'wifi')
  const child = spawn(process.execPath, [cliEntry, ...args], { env: bareEnvironment() })
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string]
  expect(line).toMatch(
    /^\d\d:\d\d:\d\d\.\d{3} {2}mw: wifi connecting PLANT {3}<< wifi connecting: ssid PLANT$/,
  )
  child.kill('SIGINT')
  expect(await once(child, 'exit')).toEqual([0, null])
})
