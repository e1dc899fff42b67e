import { expect, test } from 'vitest'
import type { Reading, ReadingValue } from '#contract/model/reading.ts'
import type { Historian } from '#platform/historian/historian.ts'
import type { LiveChannel } from './channel-registry.ts'
import { exportCsv } from './csv-export.ts'

const at = Date.parse('2026-03-01T12:00:00Z')

/** Hands out readings in pages of `size`, as the store does. */
function store(values: ReadingValue[], size = 2): Pick<Historian, 'raw'> {
  const readings: Reading[] = values.map((value, index) => ({
    ts: at + index,
    value,
    quality: 0,
    seq: index,
  }))
  return {
    raw: async ({ after = -1 }) => {
      const page = readings.filter(({ seq }) => seq > after).slice(0, size)
      const last = page.at(-1)?.seq ?? after
      return { readings: page, next: last < readings.length - 1 ? last : null }
    },
  }
}

async function csv(values: ReadingValue[], { raw = false, key = 'mode', unit = '' } = {}): Promise<string> {
  const channel = { row: { seriesId: 1, key, unit: unit || null }, latest: null } as LiveChannel
  const chunks: string[] = []
  const range = { from: at, to: at + 1_000, raw }
  for await (const chunk of exportCsv(store(values) as Historian, [{ channel, gatewayCode: 'GW001' }], range))
    chunks.push(chunk)
  return chunks.join('')
}

test('every reading is a line, over as many pages as it takes', async () => {
  expect(await csv([21.4, -3, true], { key: 'temperature', unit: '°C' })).toBe(
    [
      'gateway,channel,unit,time,value,quality',
      'GW001,temperature,°C,2026-03-01T12:00:00.000Z,21.4,0',
      'GW001,temperature,°C,2026-03-01T12:00:00.001Z,-3,0',
      'GW001,temperature,°C,2026-03-01T12:00:00.002Z,true,0',
      '',
    ].join('\r\n'),
  )
})

test('nothing in the range is a file with its header', async () => {
  expect(await csv([])).toBe('gateway,channel,unit,time,value,quality\r\n')
})

const valuesOf = async (values: string[], raw = false) =>
  (await csv(values, { raw }))
    .split('\r\n')
    .slice(1, -1)
    .map((line) => line.split('Z,')[1])

test('text that a spreadsheet would run gets an apostrophe, unless raw', async () => {
  const formulas = ['=1+1', '+1', '-1', '@SUM(A1)', '\tx', 'a=1']
  expect(await valuesOf(formulas)).toEqual(["'=1+1,0", "'+1,0", "'-1,0", "'@SUM(A1),0", "'\tx,0", 'a=1,0'])
  expect(await valuesOf(['=1+1'], true)).toEqual(['=1+1,0'])
})

test('separators and quotes are quoted (RFC 4180 2.6, 2.7)', async () => {
  expect(await valuesOf(['a,b', 'say "x"', 'two\nlines', '=a,b'])).toEqual([
    '"a,b",0',
    '"say ""x""",0',
    '"two\nlines",0',
    '"\'=a,b",0',
  ])
})
