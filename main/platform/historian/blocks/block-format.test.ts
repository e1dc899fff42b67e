import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { packFlags } from '#contract/model/reading-batch.ts'
import { decodeBlock, encodeBlock } from './block-codec.ts'
import { decodeRollup } from './rollup-codec.ts'
import { columnsOf, rowsOf } from './testing/sample-columns.ts'

// Whoever changes what is expected here changes the format: blocks on disks could not be read any more.

const SIX = Date.UTC(2026, 10, 21, 6)
const START = Date.UTC(2026, 10, 21)

test('the example of docs/historian-format.md, byte by byte', () => {
  // Its table has bytes in the first column, and what they are in the second.
  const rows = readFileSync('docs/historian-format.md', 'utf8').matchAll(/^\| `((?:[0-9a-f]{2} ?)+)` +\|/gm)
  const documented = [...rows].map(([, bytes]) => bytes).join('')
  const columns = columnsOf([
    { ts: SIX, value: 21.5, flags: 0 },
    { ts: SIX + 1_000, value: 21.52, flags: 0 },
    { ts: SIX + 2_000, value: 21.52, flags: 0 },
    { ts: SIX + 3_003, value: 'fault', flags: packFlags('text', 0) },
    { ts: SIX + 4_000, value: 21.49, flags: 0 },
  ])
  const bytes = Buffer.from(documented.replaceAll(' ', ''), 'hex')
  expect(encodeBlock(columns)).toEqual(bytes)
  expect(rowsOf(decodeBlock(bytes))).toEqual(rowsOf(columns))
})

/** All begin with times a second apart, from midnight. */
test.each([
  [
    'doubles',
    '01003737040080e0b8b6bf680100d00f000000000000000402080030a299c85a54c31488a027ffa86d06eff61e9c86433ab53712f99b9080ff8303',
    [Math.PI, -Math.E, 1e300, -0],
  ],
  [
    '32-bit floats',
    '01002d2d030080e0b8b6bf680100d00f000000000000000301b6bfc88408f2a1a7fe0f04000000fa00002300006e000062',
    [Math.PI, -Math.E, 1e30].map(Math.fround),
  ],
  [
    'products',
    '01002020030080e0b8b6bf680100d00f0000000000000001010006010006010000000300',
    [3 * 0.1, 6 * 0.1, 7 * 0.1],
  ],
  [
    'decimals as 32-bit floats',
    '01002424030080e0b8b6bf680100d00f00000000000000020100ac0301000202000000f100000100',
    [21.4, 21.5, -3.3].map(Math.fround),
  ],
  [
    'wide whole numbers',
    '01002c2c030080e0b8b6bf680100d00f0000000000000000000100060000ff1800ff0000ff0000ff0000ff00401f0000',
    [2 ** 45, -(2 ** 44), 12],
  ],
  [
    'decimals with an exception, as a zstd frame',
    '0101383628b52ffd20386d01004402110080e0b8b6bf680100d00f000200cc210000000100000002000101343333333333d33f0200e07c19f802',
    [21.5, 0.1 + 0.2, 21.51, ...Array.from({ length: 14 }, () => 21.5)],
  ],
])('blocks of version 1: %s', (_, hex, values) => {
  const rows = values.map((value, i) => ({ ts: START + i * 1_000, value, flags: 0 }))
  expect(rowsOf(decodeBlock(Buffer.from(hex, 'hex')))).toEqual(rows)
})

test('rollups of version 1', () => {
  const hex =
    '0101433528b52ffd2043650100c80100d005000800c03e0200cc210001040006b60a000000000008004004dc81c652a4ad447609182cb68016'
  const { count, ...columns } = decodeRollup(Buffer.from(hex, 'hex'))
  const slot = Object.entries(columns).map(([name, column]) => [name, column[0]])
  expect(count).toBe(1)
  expect(Object.fromEntries(slot)).toEqual({
    slot: 360,
    rows: 4,
    min: 21.49,
    max: 21.52,
    sum: 86.03,
    first: 21.5,
    last: 21.49,
    firstAt: 0,
    lastAt: 4_000,
    area: 86_060,
  })
})
