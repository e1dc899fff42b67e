import http from 'node:http'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startSite, type TestSite } from '#tests/fixtures/site.ts'

const api = '/api/v1'

let site: TestSite
beforeAll(async () => {
  site = await startSite()
  await site.local.post(`${api}/gateways/provision`, { code: 'GW001', name: 'Pump' })
})
afterAll(async () => {
  await site.stop()
})

test('a file that says it is too large is refused as one, before it travels', async () => {
  const answer = await new Promise<string>((resolve, reject) => {
    const request = http.request({
      socketPath: site.addresses.socket ?? '',
      path: `${api}/telemetry/import?gateway=GW001`,
      method: 'POST',
      headers: { 'content-type': 'text/csv', 'content-length': 3 * 1024 ** 3 },
    })
    request.on('error', reject)
    request.on('response', (response) => {
      let text = ''
      response.on('data', (chunk: Buffer) => (text += chunk.toString()))
      response.on('close', () => resolve(text))
      response.on('end', () => request.destroy())
    })
    request.flushHeaders()
  })
  expect(JSON.parse(answer)).toMatchObject({
    status: 413,
    code: 'import_too_large',
    data: { limit: 2 * 1024 ** 3 },
  })
})

test('an upload begins at its beginning', async () => {
  const answer = await site.local.post(`${api}/telemetry/uploads`, { name: 'x.csv', offset: 7, data: 'eA==' })
  expect(answer.json).toMatchObject({ status: 400, code: 'input_invalid' })
})
