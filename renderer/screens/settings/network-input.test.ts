import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formOf, isHostName, isIPv4, isIPv6, networkOf, problemsOf, sameNetwork } from './network-input.ts'

const network = {
  addresses: ['10.20.4.10'],
  names: ['plant.local'],
  ports: { http: 8442, https: 8443, deviceHttps: 8444, mqtts: 8883 },
}

describe('addresses', () => {
  it('are taken in every form that is one', () => {
    // Without the mixed notation of RFC 4291 2.2.3, which nobody types.
    const plain = fc.ipV6().filter((text) => !text.includes('.'))
    fc.assert(
      fc.property(fc.ipV4(), plain, (v4, v6) => {
        expect(isIPv4(v4)).toBe(true)
        expect(isIPv6(v6)).toBe(true)
      }),
    )
  })

  it.each([
    '',
    '1.2.3',
    '1.2.3.4.5',
    '256.1.1.1',
    '01.2.3.4',
    '1.2.3.4/24',
    ':',
    ':::',
    '1::2::3',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '12345::',
    'g::1',
    '::1%eth0',
    '1:2:3:4:5:6:7:8::',
  ])('do not take %j for one', (text) => {
    expect(isIPv4(text)).toBe(false)
    expect(isIPv6(text)).toBe(false)
  })

  it.each(['plant', 'millwright.campinas.local', 'a-b.c', '10x'])('takes %j for a host name', (name) => {
    expect(isHostName(name)).toBe(true)
  })

  it.each(['', '-a', 'a b', 'a_b', 'a..b', `${'x'.repeat(64)}.local`, 'https://x'])(
    'does not take %j for a host name',
    (name) => {
      expect(isHostName(name)).toBe(false)
    },
  )
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
    expect(problemsOf({ ...form, addresses: ['10.20.4.10', 'localhost'] })).toEqual([
      { field: 'addresses', problem: 'invalid', value: 'localhost' },
    ])
    expect(problemsOf({ ...form, names: ['a b'] })).toEqual([
      { field: 'names', problem: 'invalid', value: 'a b' },
    ])
    expect(problemsOf({ ...form, ports: { ...form.ports, mqtts: '70000' } })).toEqual([
      { field: 'mqtts', problem: 'range' },
    ])
    expect(problemsOf({ ...form, ports: { ...form.ports, https: '8442' } })).toEqual([
      { field: 'https', problem: 'taken', by: 'http' },
    ])
  })
})
