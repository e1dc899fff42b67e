import Fastify from 'fastify'
import { expect, test } from 'vitest'
import { addEngineRoutes } from './engine-routes.ts'

test('the listener for boxes serves what boxes need before anybody knows them, and nothing else', async () => {
  const app = Fastify()
  const found: string[] = []
  app.addHook('onRoute', ({ method, url }) => {
    for (const one of [method].flat()) if (one !== 'HEAD') found.push(`${one} ${url}`)
  })
  // They are only registered: nothing of the engine is asked.
  addEngineRoutes(app, 'devices', { core: {}, ui: {}, metricsToken: null } as never)
  await app.ready()
  expect(found.filter((route) => !route.includes('/pki/')).toSorted()).toEqual([
    'GET /.well-known/est/cacerts',
    'GET /.well-known/est/csrattrs',
    'GET /api/devices/bootstrap',
    'GET /api/devices/secret',
    'GET /api/v1/gateways/:id/certificados/',
    'GET /api/v1/gateways/bootstrap/credential',
    'GET /api/v1/gateways/bootstrap/qr.svg',
    'POST /.well-known/est/claim/simpleenroll',
    'POST /.well-known/est/simpleenroll',
    'POST /.well-known/est/simplereenroll',
    'POST /api/v1/gateways/bootstrap',
    'POST /api/v1/gateways/bootstrap/',
    'POST /api/v1/gateways/bootstrap/received',
    'POST /api/v1/gateways/csr',
  ])
})
