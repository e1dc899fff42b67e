import { isIP } from 'node:net'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formOf, isHostName, isIPv4, isIPv6, networkOf, problemsOf, sameNetwork } from './network-input.ts'

const network = { addresses: ['10.20.4.10'], names: ['plant.local'], ports: { http: 8442, https: 8443, deviceHttps: 8444, mqtts: 8883 } }

describe('addresses', () => {
  it('agree with what the system takes for an address', () => {
    const near = fc.string({ unit: fc.constantFrom('0', '1', '9', 'f', ':', '.', '2', 'a'), maxLength: 30 })
    // Without the mixed notation of RFC 4291 2.2.3, which nobody types.
    const plainV6 = fc.ipV6().filter((text) => !text.includes('.'))
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), plainV6, near), (text) => {
        expect(isIPv4(text)).toBe(isIP(text) === 4)
        if (!text.includes('.')) expect(isIPv6(text)).toBe(isIP(text) === 6)
      }),
    )
  })

  it.each(['plant', 'millwright.campinas.local', 'a-b.c', '10x'])('takes %j for a host name', (name) => {
    expect(isHostName(name)).toBe(true)
  })

  it.each(['', '-a', 'a b', 'a_b', 'a..b', `${'x'.repeat(64)}.local`, 'https://x'])('does not take %j for a host name', (name) => {
    expect(isHostName(name)).toBe(false)
  })
})

describe('network form', () => {
  it('gives the network back as it was', () => {
    expect(networkOf(formOf(network))).toEqual(network)
    expect(problemsOf(formOf(network))).toEqual([])
    expect(sameNetwork(networkOf(formOf(network)), network)).toBe(true)
    expect(sameNetwork({ ...network, names: [] }, network)).toBe(false)
  })

  it('says what is wrong in each field', () => {
    const form = formOf(network)
    expect(problemsOf({ ...form, addresses: [] })).toEqual([{ field: 'addresses', problem: 'none' }])
    expect(problemsOf({ ...form, addresses: ['10.20.4.10', 'localhost'] })).toEqual([{ field: 'addresses', problem: 'invalid', value: 'localhost' }])
    expect(problemsOf({ ...form, names: ['a b'] })).toEqual([{ field: 'names', problem: 'invalid', value: 'a b' }])
    expect(problemsOf({ ...form, ports: { ...form.ports, mqtts: '70000' } })).toEqual([{ field: 'mqtts', problem: 'range' }])
    expect(problemsOf({ ...form, ports: { ...form.ports, https: '8442' } })).toEqual([{ field: 'https', problem: 'taken', by: 'http' }])
  })
})
