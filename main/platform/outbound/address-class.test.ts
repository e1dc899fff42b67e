import { expect, test } from 'vitest'
import { classOfAddress } from './address-class.ts'

test.each([
  '93.184.216.34',
  '8.8.8.8',
  '172.32.0.1',
  '100.128.0.1',
  '2606:4700::1111',
  '::ffff:8.8.8.8',
  '64:ff9b::808:808',
])('%s is out in the internet', (address) => {
  expect(classOfAddress(address)).toBe('public')
})

test.each([
  '10.1.2.3',
  '172.16.0.1',
  '172.31.255.255',
  '192.168.0.10',
  '100.64.0.1',
  '127.0.0.1',
  '127.8.9.10',
  '169.254.1.1',
  '::1',
  '[::1]',
  'fe80::1%eth0',
  'fd12:3456::1',
  // Other ways to write or reach the same.
  '::ffff:192.168.0.10',
  '::ffff:c0a8:a',
  '::192.168.0.10',
  '64:ff9b::c0a8:000a',
  '64:ff9b:1::a00:1',
  '2002:c0a8:000a::1',
])('%s is inside', (address) => {
  expect(classOfAddress(address)).toBe('inside')
})

test.each([
  // Where clouds hand out credentials.
  '169.254.169.254',
  '::ffff:169.254.169.254',
  '2002:a9fe:a9fe::',
  'fd00:ec2::254',
  '100.100.100.200',
  '0.0.0.0',
  '::',
  '224.0.0.1',
  '255.255.255.255',
  'ff02::1',
  '2001:0:53aa:64c:0:0:0:1',
  'not an address',
  '1.2.3',
  '',
])('%s is never called', (address) => {
  expect(classOfAddress(address)).toBe('never')
})
