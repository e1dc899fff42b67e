import { join } from 'node:path'
import Database from 'better-sqlite3'
import { vi } from 'vitest'
import { connect } from '#broker/testing/raw-packets.ts'
import type { FindingId } from '#contract/findings.ts'
import type { Examination, Finding } from '#contract/model/doctor.ts'
import { type Credentials, provisioned } from '#tests/fixtures/credentials.ts'
import { eventually } from '#tests/fixtures/eventually.ts'
import { httpClient } from '#tests/fixtures/http-client.ts'
import { startSite, type TestSite } from '#tests/fixtures/site.ts'
import { say, tls } from './boxes.ts'

/** The one site of these tests. */
export const here = {} as {
  site: TestSite
  /** The first one's id. */
  tenant: string
  /** Of the broker, of HTTPS for people and of that for gateways. */
  ports: { mqtts: number; https: number; devices: number; password: number }
}

export async function openPlant(): Promise<void> {
  const site = await startSite()
  const port = (url: string | undefined): number => Number(new URL(url ?? '').port)
  const listeners = await site.local.send('PUT', '/api/v1/site/mqtt-listeners', {
    passwordMqtts: 0,
    websocket: null,
  })
  const { mqtts, https, deviceHttps } = site.addresses
  here.site = site
  here.tenant = (await site.local.get('/api/v1/tenants')).json.tenants[0].id
  here.ports = {
    mqtts: port(mqtts[0]),
    https: port(https[0]),
    devices: port(deviceHttps[0]),
    password: listeners.json.open.passwordMqtts,
  }
}

let number = 0
let addresses = 0

/** An address that nobody else connects from. */
export const stranger = () => ({ localAddress: `127.0.8.${++addresses}`, port: here.ports.mqtts })

/** A gateway with its files, and an address that nobody else connects from. */
export interface Box {
  code: string
  mac: string
  /** Client id, and in its topics. */
  name: string
  from: { localAddress: string; port: number }
  files: Credentials
}

export async function box(more: { key?: 'rsa'; at?: number; tenant?: string } = {}): Promise<Box> {
  number += 1
  const code = `GW${String(number).padStart(3, '0')}`
  const mac = `aa:bb:cc:00:00:${number.toString(16).padStart(2, '0')}`
  const { at, ...options } = more
  if (at !== undefined) vi.useFakeTimers({ toFake: ['Date'], now: at })
  try {
    const files = await provisioned(here.site, code, { mac, tenant: here.tenant, ...options })
    const from = { localAddress: `127.0.9.${number}`, port: here.ports.mqtts }
    return { code, mac, name: mac.replaceAll(':', ''), from, files }
  } finally {
    vi.useRealTimers()
  }
}

/** A session that is open, and seen to be. */
export async function online({ files, from, name, code }: Box, id = name) {
  const socket = await say(await tls(from, files), connect(id))
  await eventually(async () => (await examine(code)).subject.gateway?.online, `${code} to be online`)
  return socket
}

export async function offline(one: Box): Promise<void> {
  const socket = await online(one)
  socket.end(Buffer.from([0xe0, 0]))
  await eventually(
    async () => !(await examine(one.code)).subject.gateway?.online,
    `${one.code} to be offline`,
  )
  await eventually(
    async () => (await changes(one.code)).some(({ value }) => value === 'offline'),
    'it to be written',
  )
}

export async function examine(subject: string, later = 0): Promise<Examination> {
  if (later > 0) vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + later })
  try {
    const answer = await here.site.local.get(`/api/v1/doctor/examine?subject=${encodeURIComponent(subject)}`)
    if (answer.status !== 200) throw new Error(answer.text)
    return answer.json
  } finally {
    vi.useRealTimers()
  }
}

/** Waits until this is among what is found. */
export async function found(
  subject: string,
  id: FindingId,
  later = 0,
): Promise<{ finding: Finding; all: Examination }> {
  let last: Examination | undefined
  const look = async () => {
    last = await examine(subject, later)
    const finding = last.findings.find((one) => one.id === id)
    return finding && { finding, all: last }
  }
  try {
    return await eventually(look, id, 5_000)
  } catch {
    throw new Error(`${subject}: ${JSON.stringify(last?.findings.map(({ title }) => title))}, and not ${id}`)
  }
}

/** What people change by hand in the store, told to the broker by suspending and resuming. */
export async function store({ code }: Box, statement: string): Promise<void> {
  const db = new Database(join(here.site.dataDir, 'site.sqlite'))
  db.prepare(statement).run(code)
  db.close()
  for (const action of ['suspend', 'resume'])
    await here.site.local.post(`/api/v1/gateways/${code}/${action}`, {})
}

export async function sent(packets: (one: Box) => Buffer[]): Promise<string> {
  const one = await box()
  await say(await online(one), ...packets(one))
  return one.code
}

export async function made(code: string, mac: string, more: object = {}): Promise<string> {
  const answer = await here.site.local.post('/api/v1/gateways/provision', {
    code,
    name: code,
    mac_address: mac,
    tenant: here.tenant,
    ...more,
  })
  if (answer.status !== 201) throw new Error(answer.text)
  return code
}

export async function madeWithSecret(
  code: string,
  mac: string,
  more: object = {},
): Promise<{ code: string; secret: string }> {
  const body = { code, name: code, mac_address: mac, tenant: here.tenant, credential: 'secret', ...more }
  const answer = await here.site.local.post('/api/v1/gateways/provision', body)
  return { code, secret: answer.json.mqtt_password }
}

export async function sessions(code: string): Promise<number[]> {
  return (await changes(code)).flatMap(({ value, at }) => (value === 'online' ? [Date.parse(at)] : []))
}

async function changes(code: string): Promise<{ value: string; at: string }[]> {
  return (await here.site.local.get(`/api/v1/gateways/${code}/history`)).json.events
}

/** A box asks to be enrolled. */
export async function knocked(mac: string): Promise<{ activation_token: string }> {
  const ca = (await here.site.local.get('/pki/ca.crt')).text
  const devices = httpClient({ url: here.site.addresses.deviceHttps[0] ?? '', ca })
  const answer = await devices.post('/api/v1/gateways/bootstrap', { mac_address: mac, chip: 'ESP32' })
  if (answer.status !== 202) throw new Error(answer.text)
  return answer.json
}

/** The tenant that was made last. */
export const last = { id: '' }
let tenants = 0

export async function tenant(): Promise<{ id: string }> {
  const answer = await here.site.local.post('/api/v1/tenants', { name: `Tenant ${++tenants}` })
  if (answer.status !== 201) throw new Error(answer.text)
  last.id = answer.json.id
  return last
}
