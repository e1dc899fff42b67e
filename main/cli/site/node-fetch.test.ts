import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type RequestListener, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, it } from 'vitest'
import { createRestClient } from '#client/rest-client.ts'
import { ExpectedError } from '#contract/errors.ts'
import { createNodeFetch } from './node-fetch.ts'
import { SessionCookies } from './session.ts'
import { siteError } from './site-error.ts'

const closing: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

/** A server on a Unix socket: what `--data` talks to. */
async function listen(answer: RequestListener): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'millwright-socket-'))
  const path = join(dir, 's')
  const server: Server = createServer(answer)
  await new Promise<void>((resolve) => server.listen(path, resolve))
  closing.push(async () => {
    await new Promise((resolve) => server.close(resolve))
    await rm(dir, { recursive: true, force: true })
  })
  return path
}

it('calls the contract over a Unix socket, with path, query, body and context', async () => {
  const seen: { method: string | undefined; url: string | undefined; key: unknown; body: string }[] = []
  const path = await listen((request, response) => {
    let body = ''
    request.on('data', (chunk: Buffer) => (body += chunk.toString()))
    request.on('end', () => {
      seen.push({ method: request.method, url: request.url, key: request.headers['idempotency-key'], body })
      response.setHeader('content-type', 'application/json')
      response.end('{"gateways":[],"next":null}')
    })
  })
  const client = createRestClient('http://localhost', createNodeFetch({ kind: 'socket', path }))
  expect(await client.gateways.list({ search: 'a b', limit: 5 })).toEqual({ gateways: [], next: null })
  await client.gateways.suspend({ gateway: 'GW 1', reason: 'test' })
  await client.gateways.provision({ code: 'G', name: 'N' }, { context: { idempotencyKey: 'k1' } })
  expect(seen).toEqual([
    { method: 'GET', url: '/api/v1/gateways?search=a+b&limit=5', key: undefined, body: '' },
    { method: 'POST', url: '/api/v1/gateways/GW%201/suspend', key: undefined, body: '{"reason":"test"}' },
    { method: 'POST', url: '/api/v1/gateways/provision', key: 'k1', body: '{"code":"G","name":"N"}' },
  ])
})

it('gives files as bytes', async () => {
  const path = await listen((_, response) => {
    response.setHeader('content-type', 'application/zip')
    response.setHeader('content-disposition', 'attachment; filename="a.zip"')
    response.end(Buffer.from([1, 2, 3, 250]))
  })
  const client = createRestClient('http://localhost', createNodeFetch({ kind: 'socket', path }))
  const zip = await client.certificates.credentials({ gateway: 'GW001' })
  expect([...new Uint8Array(await zip.arrayBuffer())]).toEqual([1, 2, 3, 250])
})

it('turns coded answers into the errors of the registry', async () => {
  const path = await listen((_, response) => {
    response.writeHead(409, { 'content-type': 'application/json' })
    response.end(
      JSON.stringify({
        defined: true,
        code: 'code_taken',
        status: 409,
        message: 'x',
        data: { code: 'GW001' },
      }),
    )
  })
  const client = createRestClient('http://localhost', createNodeFetch({ kind: 'socket', path }))
  const failure = siteError(await client.gateways.show({ gateway: 'GW001' }).catch((error: unknown) => error))
  expect(failure).toBeInstanceOf(ExpectedError)
  expect(failure).toMatchObject({
    code: 'code_taken',
    message: 'The code GW001 is already used in this tenant',
  })
})

it('keeps and forgets session cookies', () => {
  const cookies = new SessionCookies()
  cookies.remember(new Headers([['set-cookie', '__Host-session=abc; Path=/; Secure; HttpOnly']]))
  expect(cookies.header).toBe('__Host-session=abc')
  cookies.remember(new Headers([['set-cookie', '__Host-session=; Path=/; Max-Age=0']]))
  expect(cookies.header).toBeNull()
})
