import { expect, test } from 'vitest'
import { labelCandidates } from './labels.ts'

const id = '01970000-0000-7000-8000-0000000abcde'

test('the last three bytes of the MAC, then all six where another box has those', () => {
  expect(labelCandidates('aa:bb:cc:a1:b2:c3', id)).toEqual(['ESP-A1B2C3', 'ESP-AABBCCA1B2C3'])
})

test('the end of the id where there is no MAC', () => {
  expect(labelCandidates(null, id)).toEqual(['GW-0000000ABCDE'])
})
