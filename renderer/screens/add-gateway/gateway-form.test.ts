import { describe, expect, it } from 'vitest'
import { type GatewayForm, nextCode, problemsOf, requestOf } from './gateway-form.ts'

const form: GatewayForm = {
  mac: 'AA-BB-CC-DD-EE-01',
  code: 'GW001',
  name: 'Boiler room',
  tenant: '',
  group: null,
  profile: null,
  key: 'ec',
  credential: null,
  dialect: 'canonical',
}

describe('gateway form', () => {
  it('takes any spelling of a MAC and sends the canonical one', () => {
    for (const mac of ['AA-BB-CC-DD-EE-02', 'aabbccddee02', 'aabb.ccdd.ee02', ' aa:bb:cc:dd:ee:02 ']) {
      expect(problemsOf({ ...form, mac }, false)).toEqual({})
      expect(requestOf({ ...form, mac }).mac_address).toBe('aa:bb:cc:dd:ee:02')
    }
  })

  it('may be sent without a MAC, unless its topics are named by it', () => {
    expect(problemsOf({ ...form, mac: '' }, false)).toEqual({})
    expect(requestOf({ ...form, mac: '' })).not.toHaveProperty('mac_address')
    expect(problemsOf({ ...form, mac: '', dialect: 'tds' }, false)).toEqual({ mac: 'mac_needed' })
  })

  it('says what is wrong in each field', () => {
    expect(problemsOf({ ...form, mac: 'zz', code: '-1', name: ' ' }, false)).toEqual({
      mac: 'mac_invalid',
      code: 'code_invalid',
      name: 'name_empty',
    })
    expect(problemsOf({ ...form, mac: 'ff:ff:ff:ff:ff:ff' }, false)).toEqual({ mac: 'mac_invalid' })
    expect(problemsOf({ ...form, code: '', name: 'n'.repeat(101) }, false)).toEqual({
      code: 'code_empty',
      name: 'name_long',
    })
    expect(problemsOf(form, true)).toEqual({ tenant: 'tenant_empty' })
    expect(problemsOf(form, false, true)).toEqual({ group: 'group_empty' })
  })

  it('says nothing of what its profile decides, and of no key for a secret', () => {
    expect(requestOf(form)).toMatchObject({ key_algorithm: 'ec', dialect: 'canonical' })
    const asProfile = { ...form, profile: 'p', dialect: null }
    expect(requestOf(asProfile)).toEqual({
      mac_address: 'aa:bb:cc:dd:ee:01',
      code: 'GW001',
      name: 'Boiler room',
      profile: 'p',
    })
    expect(requestOf({ ...asProfile, credential: 'both' })).toMatchObject({
      credential: 'both',
      key_algorithm: 'ec',
    })
    expect(requestOf({ ...form, credential: 'secret' })).not.toHaveProperty('key_algorithm')
  })

  it('leaves the tenant out where there is one', () => {
    expect(requestOf(form)).not.toHaveProperty('tenant')
    expect(requestOf({ ...form, tenant: 'park-utilities' }).tenant).toBe('park-utilities')
  })
})

describe('next code', () => {
  it('follows the highest of the pattern that the fleet uses most', () => {
    expect(nextCode([])).toBe('GW001')
    expect(nextCode(['GW001', 'GW040', 'GW007'])).toBe('GW041')
    expect(nextCode(['GW099', 'GW100', 'SIM9000'])).toBe('GW101')
    expect(nextCode(['boiler', 'pump'])).toBe('GW001')
    expect(nextCode(['A9'])).toBe('A10')
  })
})
