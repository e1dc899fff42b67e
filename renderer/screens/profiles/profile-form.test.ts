import { expect, it } from 'vitest'
import { fieldsOf, formOf, problemsOf } from './profile-form.ts'

const form = { ...formOf(null, null, 'en'), name: ' Pumps ' }

it('sends what is typed, and the default for what is left empty', () => {
  expect(problemsOf(form, false, 'en')).toEqual([])
  expect(fieldsOf(form, 'en')).toEqual({
    name: 'Pumps',
    dialect: 'canonical',
    credential: 'certificate',
    keyAlgorithm: 'ec',
    maxDevices: 8,
    messagesPerSecond: null,
    burst: null,
  })
  expect(fieldsOf({ ...form, rate: '0.2', burst: '5', maxDevices: '32' }, 'en')).toMatchObject({
    messagesPerSecond: 0.2,
    burst: 5,
    maxDevices: 32,
  })
})

it('reads a rate as people of a language type it', () => {
  expect(fieldsOf({ ...form, rate: '0,5' }, 'pt-BR').messagesPerSecond).toBe(0.5)
  expect(problemsOf({ ...form, rate: 'fast' }, false, 'en')).toEqual(['rate_invalid'])
})

it('says what is wrong in each field', () => {
  expect(problemsOf({ ...form, name: ' ', rate: '0', burst: '1.5', maxDevices: '33' }, true, 'en')).toEqual([
    'name_empty',
    'tenant_empty',
    'devices_invalid',
    'rate_invalid',
    'burst_invalid',
  ])
})
