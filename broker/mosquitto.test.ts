import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { TestBroker, type TestGateway, until } from './testing/test-broker.ts'
import { TestPki } from './testing/test-pki.ts'

const run = promisify(execFile)
let site: TestBroker
let gateway: TestGateway
beforeAll(async () => {
  site = await TestBroker.start()
  gateway = await site.gateway()
})
afterAll(() => site.stop())

/** Arguments of a mosquitto client for this gateway. */
function credentials({ identity, certificate }: TestGateway, ca = site.pki.ca): string[] {
  const file = (name: string, content: string): string => {
    const path = join(site.folder, name)
    writeFileSync(path, content)
    return path
  }
  const files = [
    '--cafile',
    file('ca.crt', ca),
    '--cert',
    file('client.crt', certificate.cert),
    '--key',
    file('client.key', certificate.key),
  ]
  return ['-h', '127.0.0.1', '-p', String(site.port), ...files, '-i', identity.wireName]
}

test.each(['0', '1', '2'])('mosquitto_pub publishes at QoS %s', async (qos) => {
  const topic = `mw/${gateway.identity.wireName}/telemetry`
  const values = JSON.stringify({ ts: Date.now(), values: { [`qos${qos}`]: 1 } })
  await run('mosquitto_pub', [...credentials(gateway), '-q', qos, '-t', topic, '-m', values])
  await until(() => site.historian.values(`qos${qos}`).length === 1, 'the reading')
  expect(site.historian.values(`qos${qos}`)).toEqual([1])
})

test('mosquitto_sub gets the retained time, and a command that was sent while it was away', async () => {
  const { wireName } = gateway.identity
  const time = await run('mosquitto_sub', [...credentials(gateway), '-t', 'mw/time', '-C', '1'])
  expect(Math.abs(JSON.parse(time.stdout).ts - Date.now())).toBeLessThan(60_000)
  const commands = ['-c', '-q', '1', '-t', `mw/${wireName}/commands`]
  await run('mosquitto_sub', [...credentials(gateway), ...commands, '-E'])
  await site.broker.publish({
    topic: `mw/${wireName}/commands`,
    payload: '{"id":"1"}',
    qos: 1,
    retain: false,
  })
  const { stdout } = await run('mosquitto_sub', [...credentials(gateway), ...commands, '-C', '1'])
  expect(stdout.trim()).toBe('{"id":"1"}')
})

test('is refused after revoke, with another client id, on another topic, and where it does not trust the site', async () => {
  const { wireName } = gateway.identity
  const telemetry = ['-q', '1', '-t', `mw/${wireName}/telemetry`, '-m', '{"values":{"late":1}}']
  await expect(run('mosquitto_pub', [...credentials(gateway), '-i', 'other', ...telemetry])).rejects.toThrow(
    /identifier rejected/i,
  )
  const other = [...credentials(gateway), '-q', '1', '-t', 'mw/other/telemetry', '-m', '{}']
  await expect(run('mosquitto_pub', other, { timeout: 3_000 })).rejects.toThrow()
  await site.refusal('topic_denied')
  const foreign = credentials(gateway, (await TestPki.create('Foreign')).ca)
  await expect(run('mosquitto_pub', [...foreign, ...telemetry])).rejects.toThrow()
  expect((await site.refusal('tls_failed')).detail).toContain('does not trust this site')
  await site.broker.applyPolicy([{ op: 'put', identity: { ...gateway.identity, access: 'revoked' } }])
  await expect(
    run('mosquitto_pub', [...credentials(gateway), ...telemetry], { timeout: 3_000 }),
  ).rejects.toThrow()
  await site.refusal('gateway_revoked')
  expect(site.historian.values('late')).toEqual([])
})
