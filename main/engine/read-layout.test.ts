import { expect, test } from 'vitest'
import { type PartitionLine, partitionTableFile } from '#firmware/bundle/testing/partition-table-file.ts'
import { readLayout } from './read-layout.ts'

const line = (label: string, subtype: number, offset: number): PartitionLine => ({
  label,
  type: 1,
  subtype,
  offset,
  size: 0x3000,
})
const first = line('first', 2, 0x9000)
const nvs = line('nvs', 2, 0xc000)
const cfg = line('cfg', 2, 0xf000)
const keys = line('nvs_keys', 4, 0x12000)
const labelOf = (lines: PartitionLine[], label: string | null) =>
  (readLayout(partitionTableFile(lines), label).nvs as { label?: string } | null)?.label

test('settings are in the partition that the firmware names, in `nvs`, or in the only one', () => {
  expect(labelOf([first, nvs, cfg], 'cfg')).toBe('cfg')
  expect(labelOf([first, nvs, cfg], null)).toBe('nvs')
  expect(labelOf([first, nvs, cfg], 'gone')).toBe('nvs')
  expect(labelOf([first], 'gone')).toBe('first')
  expect(labelOf([first, cfg], null)).toBeUndefined()
})

test('a board with a partition for the keys of NVS has it encrypted', () => {
  expect(readLayout(partitionTableFile([nvs, keys]), null).nvs?.isEncrypted).toBe(true)
  expect(readLayout(partitionTableFile([nvs]), null).nvs?.isEncrypted).toBe(false)
})
