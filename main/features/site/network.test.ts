import { expect, test } from 'vitest'
import { checkNetwork, defaultPorts, reachableAddresses, reachableNames } from './network.ts'

const network = (addresses: string[], names: string[] = []) => ({ addresses, names, ports: defaultPorts })

test('addresses and names are cleaned and kept once', () => {
  expect(checkNetwork(network([' 10.0.0.5', '10.0.0.5'], ['Plant.Local.', 'plant.local', ' ']))).toEqual(
    network(['10.0.0.5'], ['plant.local']),
  )
})

test.each([
  ['a name for an address', network(['plant'])],
  ['a prefix for an address', network(['10.0.0.0/8'])],
  ['a name with a space', network(['10.0.0.5'], ['my plant'])],
  ['a label that begins with a dash', network(['10.0.0.5'], ['-plant.local'])],
  ['a label of 64 letters', network(['10.0.0.5'], ['a'.repeat(64)])],
  ['a wildcard', network(['10.0.0.5'], ['*.plant.local'])],
])('%s is refused', (_what, given) => {
  expect(() => checkNetwork(given)).toThrow(expect.objectContaining({ code: 'address_invalid' }))
})

test('loopback always reaches the site, and a wildcard stands for real addresses', () => {
  expect(reachableAddresses(network(['10.0.0.5']))).toEqual(['10.0.0.5', '127.0.0.1', '::1'])
  const all = reachableAddresses(network(['0.0.0.0']))
  expect(all).toContain('127.0.0.1')
  expect(all).not.toContain('0.0.0.0')
  expect(reachableNames(network([], ['plant.local']))).toEqual(
    expect.arrayContaining(['plant.local', 'localhost']),
  )
})
