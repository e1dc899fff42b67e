import Database from 'better-sqlite3'
import { expect, test } from 'vitest'
import { blockChecksum, rollupChecksum } from './block-checksum.ts'

const block = {
  series: 7,
  startTs: 1_780_000_200_000,
  endTs: 1_780_003_800_000,
  count: 3,
  firstTs: 1_780_000_200_000,
  lastTs: 1_780_000_202_000,
  min: 0 as number | null,
  max: 21.5,
  sum: 43,
  first: 0,
  last: 21.5,
  drops: 1,
  toSeq: 1_234,
  data: Buffer.from('body'),
}
const rollup = { level: 60_000, series: 7, day: 1_779_926_400_000, data: Buffer.from('body') }

// Whoever changes these changes the format: files that exist would count as damaged.
test('the sums of the format', () => {
  expect(blockChecksum(block)).toBe(1_827_709_764)
  expect(rollupChecksum(rollup)).toBe(135_001_379)
})

test.each(Object.keys(block).filter((name) => name !== 'data'))('%s is covered', (name) => {
  const value = block[name as 'count']
  expect(blockChecksum({ ...block, [name]: value + 1 })).not.toBe(blockChecksum(block))
})

test.each(['level', 'series', 'day'] as const)('%s of a rollup is covered', (name) => {
  expect(rollupChecksum({ ...rollup, [name]: rollup[name] + 1 })).not.toBe(rollupChecksum(rollup))
})

test('each bit of the body is covered, and 0 is not the same as nothing', () => {
  const sums = new Set([blockChecksum(block), blockChecksum({ ...block, min: null })])
  for (let bit = 0; bit < 8 * block.data.length; bit++) {
    const data = Buffer.from(block.data)
    data[bit >>> 3] = (data[bit >>> 3] as number) ^ (1 << (bit & 7))
    sums.add(blockChecksum({ ...block, data }))
  }
  expect(sums.size).toBe(2 + 8 * block.data.length)
})

test('numbers are the same after SQLite had them', () => {
  const db = new Database(':memory:')
  db.exec('CREATE TABLE numbers (value REAL)')
  const put = db.prepare('INSERT INTO numbers VALUES (?)')
  const values = [-0, 0.1 + 0.2, 5, 2 ** 60, Number.MIN_VALUE, -Number.MAX_VALUE, Infinity, null]
  for (const value of values) put.run(value)
  const stored = db.prepare<[], number | null>('SELECT value FROM numbers ORDER BY rowid').pluck().all()
  db.close()
  expect(stored.map((min) => blockChecksum({ ...block, min }))).toEqual(
    values.map((min) => blockChecksum({ ...block, min })),
  )
})
