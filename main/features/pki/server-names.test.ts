import { expect, test } from 'vitest'
import { isPermitted, permittedFor } from './name-constraints.ts'
import { addressOctets, namesInCertificate, serverNames } from './server-names.ts'

test('names get .local and the loopback, once each, names before addresses', () => {
  expect(
    serverNames(['10.0.0.9', 'Plant1', 'hmi.plant1.internal', 'plant1', '0.0.0.0', '::', 'FE80::1%eth0']),
  ).toEqual([
    'plant1',
    'plant1.local',
    'hmi.plant1.internal',
    'localhost',
    '10.0.0.9',
    'fe80::1',
    '127.0.0.1',
    '::1',
  ])
  expect(serverNames(['máquina'])).toContain('xn--mquina-pta.local')
  expect(serverNames(['PC_01'])).toContain('pc_01')
})

test.each([
  '',
  ' ',
  'a b',
  '-x',
  '1.2.3',
  '1.2.3.4.5',
  '300.1.1.1',
  'x..y',
  '*.plant',
  'a,DNS:b',
  'x'.repeat(64),
  '::g',
])('"%s" is no name', (name) => {
  expect(() => serverNames([name])).toThrow(expect.objectContaining({ code: 'address_invalid' }))
})

test('what a certificate lists reads back', () => {
  expect(namesInCertificate('DNS:a, IP Address:10.0.0.1, URI:urn:x, IP Address:FD00:0:0:0:0:0:0:7')).toEqual([
    'a',
    '10.0.0.1',
    'fd00::7',
  ])
  expect(namesInCertificate(undefined)).toEqual([])
})

test('octets of addresses', () => {
  expect([...addressOctets('10.1.2.3')]).toEqual([10, 1, 2, 3])
  expect(Buffer.from(addressOctets('fd00:1::ff')).toString('hex')).toBe('fd0000010000000000000000000000ff')
  expect(Buffer.from(addressOctets('::')).toString('hex')).toBe('0'.repeat(32))
  expect(Buffer.from(addressOctets('::ffff:1.2.3.4')).toString('hex')).toBe(
    '00000000000000000000ffff01020304',
  )
})

test('constraints: private by default, plus what the site is called', () => {
  const permitted = permittedFor(['plant1', 'scada.example.com', '192.168.1.1', '203.0.113.5', '2001:db8::5'])
  expect(permitted.dns).toEqual(['local', 'internal', 'localhost', 'plant1', 'scada.example.com'])
  expect(permitted.ranges.slice(-2)).toEqual(['203.0.113.5/32', '2001:db8::5/128'])
  const inside = ['plant1', 'a.plant1', 'local', '172.31.0.1', '203.0.113.5', 'fdff::1', '2001:db8::5']
  const outside = [
    'plant10',
    'example.com',
    'xplant1',
    '172.32.0.1',
    '203.0.113.6',
    '2001:db8::6',
    '11.0.0.1',
  ]
  expect(inside.filter((name) => !isPermitted(name, permitted))).toEqual([])
  expect(outside.filter((name) => isPermitted(name, permitted))).toEqual([])
})
