import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { MessagePortMain } from 'electron'
import { afterEach, expect, test } from 'vitest'
import type { EngineState } from '#contract/shell.ts'
import { createChannel, type PortMain } from '../testing/port-main.ts'
import { forkUtility } from '../testing/utility-process.ts'
import type { EngineProcess } from './engine-process.ts'
import { defaultLimits, EngineSupervisor, type SupervisorLimits } from './engine-supervisor.ts'

const entry = fileURLToPath(new URL('../testing/tiny-engine.ts', import.meta.url))
const running: EngineSupervisor[] = []

afterEach(async () => {
  await Promise.all(running.splice(0).map((supervisor) => supervisor.stop()))
})

test('starts the engine, hands it a key and a port, and stops it', async () => {
  const { supervisor, until } = supervise(['echo'])
  const { port1, port2 } = createChannel()
  // Asked for before the engine is up: it waits.
  supervisor.connect(1, asMain(port2))
  supervisor.start()
  await until('running')
  expect(supervisor.addresses.urls).toEqual(['https://127.0.0.1:1/32'])
  expect(await ask(port1, 'hello')).toMatchObject({ echo: 'hello' })
  expect(await supervisor.stop()).toBe('stopped')
})

test('restarts after a crash and connects again', async () => {
  const { supervisor, states, until, pids } = supervise(['echo'])
  supervisor.start()
  await until('running')
  const first = createChannel()
  supervisor.connect(1, asMain(first.port2))
  first.port1.start()
  first.port1.postMessage('die')
  await once(first.port1, 'close')
  await until('crashed')
  await until('running')
  const second = createChannel()
  supervisor.connect(1, asMain(second.port2))
  expect(await ask(second.port1, 'again')).toMatchObject({ echo: 'again', pid: pids.at(-1) })
  expect(pids).toHaveLength(2)
  expect(states.map((state) => state.state)).toEqual([
    'starting',
    'running',
    'crashed',
    'starting',
    'running',
  ])
  expect(states[2]).toMatchObject({ attempt: 1, cause: 'The engine ended with code 7' })
})

test('a window’s session outlives a reload and a crash, and ends with the sign-out', async () => {
  const { supervisor, until } = supervise(['echo'])
  supervisor.start()
  await until('running')
  expect(await ask(open(supervisor, 1), 'sign in')).toMatchObject({ token: null })
  const reloaded = open(supervisor, 1)
  expect(await ask(reloaded, 'hello')).toMatchObject({ token: 'a token' })
  expect(await ask(open(supervisor, 2), 'hello')).toMatchObject({ token: null })
  reloaded.postMessage('die')
  await until('crashed')
  await until('running')
  expect(await ask(open(supervisor, 1), 'sign out')).toMatchObject({ token: 'a token' })
  expect(await ask(open(supervisor, 1), 'hello')).toMatchObject({ token: null })
})

test('gives up after crashes in a row, says why, and starts again when asked', async () => {
  const { supervisor, states, until, pids } = supervise(['crash-at-start'])
  supervisor.start()
  await until('failed')
  expect(pids).toHaveLength(3)
  expect(states.at(-1)).toEqual({ state: 'failed', cause: 'Error: no luck today' })
  supervisor.start()
  await until('failed')
  expect(pids).toHaveLength(6)
})

test('does not repeat a start that the engine refused with a reason', async () => {
  const { supervisor, until, pids } = supervise(['refuse'])
  supervisor.start()
  await until('failed')
  expect(pids).toHaveLength(1)
  expect(supervisor.refusal).toMatchObject({
    code: 'data_in_use',
    data: { pid: 4711, url: 'https://127.0.0.1:8443' },
  })
})

test('kills an engine that hangs and starts another', async () => {
  const { supervisor, states, until, pids } = supervise(['hang'], { pingEvery: 40, pingsMissed: 3 })
  supervisor.start()
  await until('crashed')
  await until('running')
  expect(pids).toHaveLength(2)
  expect(states.find((state) => state.state === 'crashed')).toMatchObject({
    cause: 'The engine did not answer 3 times in a row',
  })
})

test('waits for a slow stop', async () => {
  const { supervisor, until } = supervise(['slow-stop=150'])
  supervisor.start()
  await until('running')
  const before = performance.now()
  const both = await Promise.all([supervisor.stop(), supervisor.stop()])
  expect(both).toEqual(['stopped', 'stopped'])
  expect(performance.now() - before).toBeGreaterThanOrEqual(150)
})

test('kills an engine that does not stop within the limit', async () => {
  const { supervisor, until, pids } = supervise(['slow-stop=60000'], { stop: 80 })
  supervisor.start()
  await until('running')
  expect(await supervisor.stop()).toBe('killed')
  expect(() => process.kill(pids[0] ?? 0, 0)).toThrow('ESRCH')
})

test('a stop while it waits to restart ends the waiting', async () => {
  const { supervisor, until, pids } = supervise(['crash-at-start'], {}, 10_000)
  supervisor.start()
  await until('crashed')
  expect(await supervisor.stop()).toBe('stopped')
  expect(pids).toHaveLength(1)
})

test('an engine that cannot be prepared fails with the cause', async () => {
  const supervisor = new EngineSupervisor({
    fork: () => forkUtility(entry),
    startOptions: () => Promise.reject(new Error('the keychain is locked')),
    log: () => undefined,
  })
  running.push(supervisor)
  supervisor.start()
  await expect.poll(() => supervisor.state).toEqual({ state: 'failed', cause: 'the keychain is locked' })
})

function supervise(args: string[], limits: Partial<SupervisorLimits> = {}, first = 10) {
  const states: EngineState[] = []
  const pids: number[] = []
  let seen = 0
  const supervisor = new EngineSupervisor({
    fork: (): EngineProcess => {
      const child = forkUtility(entry, args)
      pids.push(child.pid ?? 0)
      return child
    },
    startOptions: async () => ({
      dataDir: '/nowhere',
      externalKey: new Uint8Array(32),
      ports: {},
      addresses: null,
    }),
    log: () => undefined,
    backOff: { first, longest: 40, soundAfter: 60_000, giveUpAfter: 3 },
    limits: { ...defaultLimits, kill: 50, ...limits },
  })
  supervisor.listen((state) => states.push(state))
  running.push(supervisor)
  /** Waits for a state after those already waited for. */
  async function until(wanted: EngineState['state']): Promise<void> {
    await expect
      .poll(() => states.findIndex((state, at) => at >= seen && state.state === wanted), {
        timeout: 8_000,
        interval: 5,
      })
      .not.toBe(-1)
    seen = states.findIndex((state, at) => at >= seen && state.state === wanted) + 1
  }
  return { supervisor, states, pids, until }
}

function open(supervisor: EngineSupervisor, windowId: number): PortMain {
  const { port1, port2 } = createChannel()
  supervisor.connect(windowId, asMain(port2))
  return port1
}

async function ask(port: PortMain, question: unknown): Promise<unknown> {
  port.start()
  port.postMessage(question)
  const [{ data }] = (await once(port, 'message')) as [{ data: unknown }]
  return data
}

function asMain(port: PortMain): MessagePortMain {
  return port
}
