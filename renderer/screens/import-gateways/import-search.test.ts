import { expect, test } from 'vitest'
import { fileOf, optionsOf } from './import-search.ts'

test('what is not chosen is not sent', () => {
  expect(optionsOf({ tenant: null, group: null, profile: null, createGroups: true })).toEqual({
    createGroups: true,
  })
  expect(optionsOf({ tenant: 't', group: 'g', profile: 'p', createGroups: false })).toEqual({
    tenant: 't',
    group: 'g',
    profile: 'p',
    createGroups: false,
  })
})

test('a file counts before what was pasted', async () => {
  expect(fileOf(null, ' \n')).toBeNull()
  expect(await fileOf(null, 'code,name')?.text()).toBe('code,name')
  expect(fileOf(new File(['x'], 'a.csv'), 'code,name')?.name).toBe('a.csv')
})
