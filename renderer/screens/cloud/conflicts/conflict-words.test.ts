import { expect, it } from 'vitest'
import { entityKey, fieldKey, timeOf, valueText } from './conflict-words.ts'

const names = new Map([['g1', 'Boiler house']])
const nameOf = (id: string) => names.get(id)

it('has one word for an object and a field, however the cloud spells them', () => {
  expect(['gateways', 'group', 'users'].map(entityKey)).toEqual(['gateway', 'group', 'user'])
  expect(['parent_id', 'parentId', 'owner_user_id'].map(fieldKey)).toEqual([
    'parentId',
    'parentId',
    'ownerUserId',
  ])
})

it('names what a value points at', () => {
  expect(valueText('g1', nameOf)).toBe('Boiler house')
  expect(valueText('Pump', nameOf)).toBe('Pump')
  expect([valueText(null, nameOf), valueText('', nameOf)]).toEqual([null, null])
  expect([valueText(false, nameOf), valueText({ a: 1 }, nameOf)]).toEqual(['false', '{"a":1}'])
})

it('knows times by their field', () => {
  expect(timeOf({ field: 'deleted_at' }, '2026-03-14T12:00:00Z')).toBe(Date.UTC(2026, 2, 14, 12))
  expect(timeOf({ field: 'deletedAt' }, 5)).toBe(5)
  expect([timeOf({ field: 'name' }, 5), timeOf({ field: 'deletedAt' }, null)]).toEqual([null, null])
})
