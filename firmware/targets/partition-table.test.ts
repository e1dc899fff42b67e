import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import {
  PARTITION_TABLE_MOST_BYTES,
  type Partition,
  parsePartitionTable,
  requireFit,
} from './partition-table.ts'

const nvs: Partition = { label: 'nvs', type: 1, subtype: 2, offset: 0x9000, size: 0x6000, isEncrypted: false }
const phy: Partition = {
  label: 'phy_init',
  type: 1,
  subtype: 1,
  offset: 0xf000,
  size: 0x1000,
  isEncrypted: true,
}
const app: Partition = {
  label: 'factory',
  type: 0,
  subtype: 0,
  offset: 0x1_0000,
  size: 0x10_0000,
  isEncrypted: false,
}
const ESP32_4MB = 0x40_0000

/** "Partition Tables" of the ESP-IDF programming guide. */
function row({ label, type, subtype, offset, size, isEncrypted }: Partition): Buffer {
  const bytes = Buffer.alloc(32)
  bytes.set([0xaa, 0x50, type, subtype])
  bytes.writeUInt32LE(offset, 4)
  bytes.writeUInt32LE(size, 8)
  bytes.write(label, 12, 16, 'latin1')
  bytes.writeUInt32LE(isEncrypted ? 1 : 0, 28)
  return bytes
}

function sumOf(rows: Buffer): Buffer {
  return Buffer.concat([
    Buffer.of(0xeb, 0xeb),
    Buffer.alloc(14, 0xff),
    createHash('md5').update(rows).digest(),
  ])
}

function table(partitions: readonly Partition[], tail: (rows: Buffer) => Buffer = sumOf): Buffer {
  const rows = Buffer.concat(partitions.map(row))
  const full = Buffer.concat([rows, tail(rows)])
  return Buffer.concat([full, Buffer.alloc(Math.max(0, PARTITION_TABLE_MOST_BYTES - full.length), 0xff)])
}

describe('parsePartitionTable', () => {
  const sixteen = { ...app, label: 'sixteen-letters-' }

  it.each([
    ['with its checksum', table([nvs, phy, app])],
    ['without one', table([nvs, phy, app], () => Buffer.alloc(0))],
    ['as a whole sector', Buffer.concat([table([nvs, phy, app]), Buffer.alloc(0x400, 0xff)])],
    ['up to its end alone', table([nvs, phy, app]).subarray(0, 5 * 32)],
  ])('reads a table %s', (_, bytes) => {
    expect(parsePartitionTable(bytes)).toEqual([nvs, phy, app])
  })

  it('reads a label of all 16 bytes, rows in any order, and a table that is full', () => {
    expect(parsePartitionTable(table([sixteen, nvs]))).toEqual([sixteen, nvs])
    const many = Array.from({ length: 95 }, (_, index) => ({
      ...nvs,
      label: `n${index}`,
      offset: 0x9000 + index * 0x6000,
    }))
    expect(parsePartitionTable(table(many))).toHaveLength(95)
  })

  it.each([
    ['empty', table([], () => Buffer.alloc(0)), 'no rows'],
    ['cut off', table([nvs, phy, app]).subarray(0, 70), 'cut off after 70'],
    ['cut off before its end', table([nvs, phy, app]).subarray(0, 128), 'cut off'],
    ['changed', table([nvs, app]).fill(3, 3, 4), 'checksum'],
    ['no table', Buffer.alloc(4096, 7), 'no row at 0x0'],
    ['garbled behind a row', table([nvs], () => Buffer.alloc(32, 7)), 'no row at 0x20'],
    [
      'one that goes on behind its checksum',
      table([nvs], (rows) => Buffer.concat([sumOf(rows), row(app)])),
      'behind its checksum',
    ],
    [
      'one with two partitions at one place',
      table([nvs, { ...phy, offset: 0xe000, size: 0x2000 }]),
      'nvs and phy_init overlap at 0xe000',
    ],
    ['one with a name twice', table([nvs, { ...phy, label: 'nvs' }]), 'two partitions named nvs'],
    ['one with an app at an odd place', table([{ ...app, offset: 0x1_1000 }]), 'no multiple of 0x10000'],
    ['one with data at an odd place', table([{ ...nvs, offset: 0x9100 }]), 'no multiple of 0x1000'],
    [
      'one with NVS over the table itself',
      table([{ ...nvs, offset: 0x8000, size: 0x3000 }]),
      'over the bootloader',
    ],
    ['one with NVS over the bootloader', table([{ ...nvs, offset: 0x1000 }]), 'nvs begins at 0x1000'],
    ['one with NVS of no whole pages', table([{ ...nvs, size: 0x5800 }]), 'nvs has 0x5800 bytes'],
    ['one with a partition of no size', table([{ ...nvs, size: 0 }]), 'no size'],
    ['one with a label of control characters', table([{ ...nvs, label: '\x1b[2J' }]), 'no label'],
    ['one without a label', table([{ ...nvs, label: '' }]), 'no label'],
  ])('refuses %s', (_, bytes, problem) => {
    expect(() => parsePartitionTable(bytes)).toThrow(
      expect.objectContaining({
        code: 'partition_table_invalid',
        data: { problem: expect.stringContaining(problem) },
      }),
    )
  })
})

describe('requireFit', () => {
  const partitions = [nvs, phy, app]
  const part = (name: string, offset: number, size: number) => ({ name, offset, bytes: new Uint8Array(size) })
  const bootloader = part('bootloader', 0x1000, 0x6000)
  const rows = part('partition table', 0x8000, 0xc00)
  const image = part('app', 0x1_0000, 0x10_0000)
  const settings = part('settings', 0x9000, 0x6000)

  it('takes what fits, in any order, and a flash that does not tell its size', () => {
    expect(() => requireFit([image, settings, rows, bootloader], partitions, ESP32_4MB)).not.toThrow()
    expect(() => requireFit([image, part('merged', 0, 0x1_0000)], partitions, null)).not.toThrow()
  })

  it.each([
    [
      'a table for larger flash',
      [],
      0x10_0000,
      'flash_too_small',
      { part: 'partition factory', need: 0x11_0000, size: 0x10_0000 },
    ],
    [
      'a part for larger flash',
      [part('x', 0x3f_f000, 0x1001)],
      ESP32_4MB,
      'flash_too_small',
      { part: 'x', need: 0x40_0001, size: ESP32_4MB },
    ],
    [
      'a bootloader that runs into the sector of the table',
      [part('bootloader', 0x1000, 0x7001), rows],
      ESP32_4MB,
      'parts_overlap',
      { first: 'bootloader', second: 'partition table', offset: '0x8000' },
    ],
    [
      'a part that begins in the last sector of another',
      [settings, part('x', 0xe800, 16)],
      ESP32_4MB,
      'parts_overlap',
      { first: 'settings', second: 'x' },
    ],
    [
      'two parts at one place',
      [settings, { ...settings, name: 'more' }],
      ESP32_4MB,
      'parts_overlap',
      { second: 'more' },
    ],
  ])('refuses %s', (_, parts, flashSize, code, data) => {
    expect(() => requireFit(parts, partitions, flashSize)).toThrow(
      expect.objectContaining({ code, data: expect.objectContaining(data) }),
    )
  })
})
