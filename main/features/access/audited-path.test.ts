import { expect, test } from 'vitest'
import { auditedPath } from './audited-path.ts'

test.each([
  ['/api/v1/gateways/GW001', '/gateways/{gateway}', ['gateways', 'get'], '/api/v1/gateways/GW001'],
  ['/api/v1/invitations/s3cret', '/invitations/{token}', ['users', 'accept'], '/api/v1/invitations/{token}'],
  ['/rpc/users/accept', '/invitations/{token}', ['users', 'accept'], '/rpc/users/accept'],
  [undefined, '/gateways/{gateway}', ['gateways', 'get'], '/rpc/gateways/get'],
  ['/rpc/gateways/watch', undefined, ['gateways', 'watch'], '/rpc/gateways/watch'],
])('%s', (given, template, procedure, path) => {
  expect(auditedPath(given, template, procedure)).toBe(path)
})
