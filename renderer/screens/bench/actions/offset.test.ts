import { expect, it } from 'vitest'
import { offsetOf } from './offset.ts'

it('is a place where a sector of the flash begins', () => {
  expect(['0x10000', ' 0X1000 ', '4096', '0'].map(offsetOf)).toEqual([0x10000, 0x1000, 4_096, 0])
  for (const odd of ['', '0x', '0x10', '-4096', '1e4', '0xfffff000', '4096.0', 'app'])
    expect(offsetOf(odd)).toBeNull()
})
