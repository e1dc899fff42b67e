import { expect, test } from 'vitest'
import { isLoopback, networkOf, plainAddress } from './network-of.ts'

test.each([
  ['10.0.0.7', '10.0.0.7'],
  ['::ffff:10.0.0.7', '10.0.0.7'],
  ['2001:db8:0:7:a:b:c:d', '2001:db8:0:7::/64'],
  ['2001:DB8:0:7::1', '2001:db8:0:7::/64'],
  ['2001:0db8::1', '2001:db8:0:0::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ['::1', '0:0:0:0::/64'],
  ['local', 'local'],
])('%s is of the network %s', (address, network) => {
  expect(networkOf(address)).toBe(network)
})

test('one spelling of an address, and which of them are this machine', () => {
  expect(plainAddress('FE80::1%eth0')).toBe('fe80::1')
  for (const own of ['127.0.0.1', '::ffff:127.0.0.9', '::1', 'local']) expect(isLoopback(own)).toBe(true)
  for (const other of ['10.0.0.1', '::2', '1.127.0.1']) expect(isLoopback(other)).toBe(false)
})
