import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { connect } from 'node:tls'
import { createORPCClient } from '@orpc/client'
import { RPCLink } from '@orpc/client/message-port'
import type { ContractRouterClient } from '@orpc/contract'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Contract } from '#contract/contract.ts'
import { runningSite } from '#desktop/shell/attach.ts'
import { isIssuedBy } from '#desktop/shell/certificate-pin.ts'
import { EngineSupervisor } from '#desktop/shell/engine-supervisor.ts'
import { createChannel } from '#desktop/testing/port-main.ts'
import { forkUtility } from '#desktop/testing/utility-process.ts'

/**
 * The shell's supervisor with the real engine in a real process, as the desktop runs them; only Electron itself
 * is stood in for.
 */
const entry = resolve(import.meta.dirname, '../../main/desktop/utility/main.ts')
const answers = {
  code: '',
  siteName: 'Plant 1',
  admin: { email: 'ana@plant.example', password: 'a plant of many gateways' },
  addresses: ['127.0.0.1'],
  names: [],
}

let dataDir = ''
let key: Uint8Array | null = null
const running: EngineSupervisor[] = []

beforeEach(() => {
  dataDir = join(mkdtempSync(join(tmpdir(), 'desktop-engine-')), 'site')
  key = null
})
afterEach(async () => {
  await Promise.all(running.splice(0).map((supervisor) => supervisor.stop()))
  rmSync(join(dataDir, '..'), { recursive: true, force: true })
})

test('a site is set up over the window’s port, without a code, and is there after a crash', async () => {
  key = new Uint8Array(32).fill(7)
  const desktop = supervise()
  desktop.start()
  await untilRunning(desktop)
  const window = client(desktop)
  expect(await window.setup.status()).toMatchObject({ done: false, codeRequired: false })
  await window.setup.complete(answers)
  // The same window goes on with the same port.
  expect(await window.auth.login(answers.admin)).toMatchObject({ role: 'site_admin' })
  expect(await window.auth.me()).toMatchObject({ email: 'ana@plant.example' })

  const crashed = new Promise<string>((done) => {
    desktop.listen((state) => {
      if (state.state === 'crashed') done(state.state)
    })
  })
  process.kill(pids.at(-1) ?? 0, 'SIGKILL')
  expect(await crashed).toBe('crashed')
  await untilRunning(desktop)
  const again = client(desktop)
  expect(await again.setup.status()).toMatchObject({ done: true, siteName: 'Plant 1' })
  // The shell kept the window's session.
  expect(await again.auth.me()).toMatchObject({ email: 'ana@plant.example' })
  // And a lock holds for the window, whatever port it is at.
  await again.account.lock()
  const locked = client(desktop)
  await expect(locked.gateways.list({})).rejects.toMatchObject({ code: 'session_locked' })
  expect(await locked.auth.me()).toMatchObject({ pending: 'unlock', permissions: [] })
  await locked.auth.unlock({ password: answers.admin.password })
  expect(await locked.gateways.list({})).toMatchObject({ gateways: [] })
  await locked.auth.logout()
  await expect(client(desktop).auth.me()).rejects.toMatchObject({ code: 'not_signed_in' })
  expect(await desktop.stop()).toBe('stopped')
}, 180_000)

test('a second desktop finds the running site, by its own CA', async () => {
  const first = supervise()
  first.start()
  await untilRunning(first)
  await client(first).setup.complete(answers)

  const second = supervise()
  second.start()
  await expect.poll(() => second.state.state, { timeout: 60_000 }).toBe('failed')
  expect(second.refusal).toMatchObject({ code: 'data_in_use', data: { pid: pids.at(-2) } })
  const site = await runningSite(second.refusal, dataDir)
  expect(site?.origin).toMatch(/^https:\/\/127\.0\.0\.1:\d+$/)
  const pem = await servedCertificate(site?.origin ?? '')
  const request = { hostname: '127.0.0.1', certificate: { data: pem } }
  expect(isIssuedBy(site?.caPem ?? '', request, new Date())).toBe(true)
}, 180_000)

test('a data folder that cannot be used is told in words', async () => {
  writeFileSync(dataDir, 'a file, not a folder')
  const desktop = supervise()
  desktop.start()
  await expect.poll(() => desktop.state.state, { timeout: 60_000 }).toBe('failed')
  expect(desktop.state).toMatchObject({ cause: expect.stringContaining('cannot be written') })
}, 180_000)

const pids: number[] = []

function supervise(): EngineSupervisor {
  const supervisor = new EngineSupervisor({
    fork: () => {
      const engine = forkUtility(entry)
      pids.push(engine.pid ?? 0)
      return engine
    },
    startOptions: async () => ({
      dataDir,
      externalKey: key,
      ports: { http: 0, https: 0, deviceHttps: 0, mqtts: 0 },
      addresses: null,
    }),
    log: () => undefined,
    backOff: { first: 50, longest: 50, soundAfter: 60_000, giveUpAfter: 3 },
  })
  running.push(supervisor)
  return supervisor
}

async function untilRunning(supervisor: EngineSupervisor): Promise<void> {
  await expect.poll(() => supervisor.state, { timeout: 60_000 }).toEqual({ state: 'running' })
}

function client(supervisor: EngineSupervisor): ContractRouterClient<Contract> {
  const { port1, port2 } = createChannel()
  supervisor.connect(1, port2)
  port1.start()
  return createORPCClient(new RPCLink({ port: port1 }))
}

function servedCertificate(origin: string): Promise<string> {
  const { hostname, port } = new URL(origin)
  return new Promise((done, fail) => {
    // What is tested is our own verdict on the certificate, so Node gives none.
    const socket = connect({ host: hostname, port: Number(port), rejectUnauthorized: false }, () => {
      const certificate = socket.getPeerX509Certificate()?.toString() ?? ''
      socket.destroy()
      done(certificate)
    })
    socket.on('error', fail)
  })
}
