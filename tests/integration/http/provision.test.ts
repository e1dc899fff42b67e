import { afterAll, beforeAll, expect, test } from 'vitest'
import { startSite, type TestSite } from '#tests/fixtures/site.ts'

let site: TestSite
beforeAll(async () => {
  site = await startSite()
})
afterAll(() => site.stop())

const provision = (body: object, headers = {}) => site.local.post('/api/v1/gateways/provision', body, headers)

test('answers in the names that scripts of the earlier API read', async () => {
  const answer = await provision({ mac_address: 'AA-BB-CC-00-00-01', code: 'GW001', name: 'Boiler room' })
  expect(answer.status).toBe(201)
  expect(answer.json).toMatchObject({
    mac_address: 'aa:bb:cc:00:00:01',
    label: 'ESP-000001',
    mqtt_port: Number(new URL(site.addresses.mqtts[0] ?? '').port),
    mqtt_broker: '127.0.0.1',
    mqtt_client_id: 'aabbcc000001',
    mqtt_topic: 'mw/aabbcc000001/telemetry',
  })
  expect(answer.json.certificate_pem).toMatch(/^-----BEGIN CERTIFICATE-----/)
  expect(answer.json.private_key_pem).toMatch(/^-----BEGIN PRIVATE KEY-----/)
  expect(Date.parse(answer.json.expires_at)).toBeGreaterThan(Date.now() + 9 * 365 * 86_400_000)
})

test('the same idempotency key gives the same gateway and key; another request under it is refused', async () => {
  const headers = { 'idempotency-key': 'order 77' }
  const body = { mac_address: 'aa:bb:cc:00:00:02', code: 'GW002', name: 'Chiller' }
  const [first, again] = [await provision(body, headers), await provision(body, headers)]
  expect(again.json.gateway_id).toBe(first.json.gateway_id)
  expect(again.json.private_key_pem).toBe(first.json.private_key_pem)
  expect((await provision({ ...body, name: 'Other' }, headers)).json).toMatchObject({
    status: 409,
    code: 'idempotency_conflict',
  })
})

test.each([
  ['a MAC that is none', { mac_address: 'aa:bb:cc', code: 'X1', name: 'x' }, 400, 'mac_invalid'],
  ['a multicast MAC', { mac_address: '01:00:5e:00:00:01', code: 'X1', name: 'x' }, 400, 'mac_invalid'],
  ['a tenant that is none', { code: 'X1', name: 'x', tenant: 'nowhere' }, 404, 'tenant_unknown'],
  ['a key type that is none', { code: 'X1', name: 'x', key_algorithm: 'dsa' }, 400, 'input_invalid'],
])('%s is refused with its reason', async (_name, body, status, code) => {
  expect((await provision(body)).json).toMatchObject({ status, code })
})

test('a MAC and a code belong to one gateway', async () => {
  await provision({ mac_address: 'aa:bb:cc:00:00:03', code: 'GW003', name: 'x' })
  expect((await provision({ mac_address: 'aabb.cc00.0003', code: 'GW004', name: 'x' })).json).toMatchObject({
    status: 409,
    code: 'mac_taken',
    data: { code: 'GW003' },
  })
  expect(
    (await provision({ mac_address: 'aa:bb:cc:00:00:04', code: 'GW003', name: 'x' })).json,
  ).toMatchObject({ status: 409, code: 'code_taken' })
})

test('two at once with the same MAC: one wins, the other is told', async () => {
  const body = { mac_address: 'aa:bb:cc:00:00:05', code: 'GW005', name: 'x' }
  const answers = await Promise.all([provision(body), provision({ ...body, code: 'GW006' })])
  expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([201, 409])
  expect(answers.find(({ status }) => status === 409)?.json.code).toBe('mac_taken')
})

test('the key is handed over until it is received, then it is gone for good', async () => {
  await provision({ mac_address: 'aa:bb:cc:00:00:07', code: 'GW007', name: 'x', key_algorithm: 'rsa' })
  const zip = await site.local.get('/api/v1/gateways/GW007/credentials')
  expect(zip.status).toBe(200)
  expect(zip.headers['content-disposition']).toContain('aa-bb-cc-00-00-07_certs.zip')
  expect(zip.bytes.subarray(0, 2).toString()).toBe('PK')
  expect((await site.local.get('/api/v1/gateways/GW007/credentials')).status).toBe(200)
  expect((await site.local.post('/api/v1/gateways/GW007/credentials/received', {})).json).toEqual({
    erased: true,
  })
  expect((await site.local.get('/api/v1/gateways/GW007/credentials')).json).toMatchObject({
    status: 410,
    code: 'credential_gone',
  })
  expect((await site.local.post('/api/v1/gateways/GW007/credentials/received', {})).json.code).toBe(
    'credential_gone',
  )
})

test('states follow their rules, and a revoked gateway can be enrolled anew', async () => {
  const made = await provision({ mac_address: 'aa:bb:cc:00:00:08', code: 'GW008', name: 'x' })
  const act = (action: string) =>
    site.local.post(`/api/v1/gateways/GW008/${action}`, { reason: 'key compromise' })
  expect((await act('resume')).json).toMatchObject({ status: 409, code: 'gateway_state_conflict' })
  expect((await act('suspend')).json).toMatchObject({ state: 'suspended' })
  expect((await act('resume')).json).toMatchObject({ state: 'claimed' })
  expect((await act('revoke')).json).toMatchObject({ state: 'revoked' })
  expect((await act('revoke')).json.code).toBe('gateway_state_conflict')
  const again = await provision({ mac_address: 'aa:bb:cc:00:00:08', code: 'GW008', name: 'y' })
  expect(again.json.gateway_id).toBe(made.json.gateway_id)
  expect(again.json.serial_number).not.toBe(made.json.serial_number)
  const { events } = (await site.local.get('/api/v1/gateways/GW008/history')).json
  expect(events.map((event: { value: string }) => event.value).reverse()).toEqual([
    'claimed',
    'suspended',
    'claimed',
    'revoked',
    'claimed',
  ])
})

test('lists in pages, by code, with a search', async () => {
  const first = (await site.local.get('/api/v1/gateways?limit=2')).json
  const second = (await site.local.get(`/api/v1/gateways?limit=2&after=${encodeURIComponent(first.next)}`))
    .json
  const codes = [...first.gateways, ...second.gateways].map((gateway: { code: string }) => gateway.code)
  expect(codes).toEqual([...codes].sort())
  expect(new Set(codes).size).toBe(4)
  expect((await site.local.get('/api/v1/gateways?search=boiler')).json.gateways).toMatchObject([
    { code: 'GW001' },
  ])
  expect((await site.local.get('/api/v1/gateways?search=%25')).json.gateways).toEqual([])
})

test('the same call sent twice at once gives the same gateway to both', async () => {
  const headers = { 'idempotency-key': 'order 78' }
  const body = { code: 'GW010', name: 'Twice' }
  const answers = await Promise.all([provision(body, headers), provision(body, headers)])
  expect(answers.map(({ status }) => status)).toEqual([201, 201])
  expect(answers[0].json.gateway_id).toBe(answers[1].json.gateway_id)
  expect(answers[0].json.serial_number).toBe(answers[1].json.serial_number)
})

test('a gateway without a MAC is enrolled anew by its code, in the dialect asked for now', async () => {
  const first = await provision({ code: 'GW011', name: 'x' })
  expect((await provision({ code: 'GW011', name: 'x' })).json.code).toBe('code_taken')
  await site.local.post('/api/v1/gateways/GW011/revoke', {})
  const again = await provision({ code: 'GW011', name: 'y', dialect: 'tds', label: 'BOX-11' })
  expect(again.json).toMatchObject({ gateway_id: first.json.gateway_id, label: 'BOX-11' })
  expect((await site.local.get('/api/v1/gateways/GW011')).json).toMatchObject({
    name: 'y',
    dialect: 'tds',
    state: 'claimed',
  })
})

test('actions that race leave one of the states they may, never one they may not', async () => {
  await provision({ code: 'GW012', name: 'x' })
  const act = (action: string) => site.local.post(`/api/v1/gateways/GW012/${action}`, {})
  await act('suspend')
  // Resuming must not bring back what was revoked meanwhile.
  const answers = await Promise.all([act('resume'), act('revoke'), act('resume'), act('suspend')])
  expect(answers.every(({ status }) => status === 200 || status === 409)).toBe(true)
  const shown = (await site.local.get('/api/v1/gateways/GW012')).json
  expect(shown.state).toBe('revoked')
  const { certificates } = (await site.local.get('/api/v1/certificates?gateway=GW012')).json
  expect(certificates.map(({ state }: { state: string }) => state)).toEqual(['revoked'])
})

test('a search takes signs of patterns as they are', async () => {
  await provision({ code: 'A_13', name: '100% load' })
  await provision({ code: 'AX13', name: 'other' })
  const found = async (search: string) =>
    (await site.local.get(`/api/v1/gateways?search=${encodeURIComponent(search)}`)).json.gateways.map(
      ({ code }: { code: string }) => code,
    )
  expect(await found('a_13')).toEqual(['A_13'])
  expect(await found('100%')).toEqual(['A_13'])
  expect(await found('\\')).toEqual([])
})
