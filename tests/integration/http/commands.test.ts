import { rm } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { toCredentials } from '#simulator/gateway-credentials.ts'
import { createMeter } from '#simulator/meters.ts'
import { SimulatedGateway } from '#simulator/simulated-gateway.ts'
import { eventually } from '#tests/fixtures/eventually.ts'
import { localClient } from '#tests/fixtures/plant.ts'
import { startSite, type TestSite, temporaryFolder } from '#tests/fixtures/site.ts'

let dataDir = ''
let site: TestSite
const boxes: SimulatedGateway[] = []

beforeAll(async () => {
  dataDir = await temporaryFolder()
  site = await startSite({ dataDir })
})
afterAll(async () => {
  await Promise.all(boxes.map((box) => box.stop()))
  await site.engine.stop()
  await rm(dataDir, { recursive: true, force: true })
})

async function boxOf(code: string): Promise<SimulatedGateway> {
  const credentials = toCredentials(await localClient(site).gateways.provision({ code, name: code }))
  const channels = createMeter('climate', 'room', code)
  const box = new SimulatedGateway({ credentials, channels, interval: 500, fault: null, now: Date.now })
  boxes.push(box)
  return box
}

const ended = (commandId: string, what: string) =>
  eventually(async () => {
    const command = await localClient(site).commands.show({ commandId })
    return command.state === 'queued' || command.state === 'sent' ? undefined : command
  }, what)

test('queued for a gateway that is away, kept over a restart of the site, delivered once, answered', async () => {
  const box = await boxOf('GW001')
  const waiting = await localClient(site).commands.send({ gateway: 'GW001', name: 'report', expiresIn: 600 })
  const late = await localClient(site).commands.send({ gateway: 'GW001', name: 'restart', expiresIn: 5 })
  expect(waiting.state).toBe('queued')
  const port = new URL(site.addresses.mqtts[0] ?? '').port
  await site.engine.stop()
  await sleep(5_000 - (Date.now() - Date.parse(late.createdAt)))
  site = await startSite({ dataDir, ports: { http: 0, https: 0, deviceHttps: 0, mqtts: Number(port) } })
  box.start()
  const answered = await ended(waiting.id, 'an answer')
  expect(answered).toMatchObject({ state: 'acknowledged', result: { channels: expect.any(Number) } })
  expect((await ended(late.id, 'its end')).state).toBe('expired')
  expect(box.totals.commands).toBe(1)
  const page = await localClient(site).commands.list({ gateway: 'GW001' })
  expect(page.way).toEqual({
    topic: `mw/${(await localClient(site).gateways.show({ gateway: 'GW001' })).wireName}/commands`,
    acknowledges: true,
    listening: true,
  })
  const refused = await localClient(site).commands.send({ gateway: 'GW001', name: 'fail' })
  expect(await ended(refused.id, 'a refusal')).toMatchObject({
    state: 'failed',
    error: 'this box was asked to fail',
  })
})

test('of a gateway that is revoked nothing goes out any more', async () => {
  await boxOf('GW002')
  const { id } = await localClient(site).commands.send({ gateway: 'GW002', name: 'report', expiresIn: 600 })
  await localClient(site).gateways.revoke({ gateway: 'GW002' })
  expect(await ended(id, 'its end')).toMatchObject({ state: 'cancelled', error: 'gateway_left' })
  await expect(localClient(site).commands.send({ gateway: 'GW002', name: 'report' })).rejects.toMatchObject({
    code: 'gateway_state_conflict',
  })
  const { entries } = await localClient(site).audit.list({ action: 'command.send' })
  expect(entries.map(({ outcome }) => outcome)).toContain('failed')
  expect(JSON.stringify(entries)).not.toContain('args')
})
