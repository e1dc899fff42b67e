import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { packFlags } from '#contract/model/reading-batch.ts'
import { DAY, DayDigests } from './day-digest.ts'

test('a digest covers the readings of a UTC day, as Postgres would send them', () => {
  const digests = new DayDigests()
  const midnight = Date.UTC(2000, 0, 2)
  const columns = (rows: [number, number, number][], texts: string[] = []) => ({
    seriesId: 1,
    count: rows.length,
    ts: Float64Array.from(rows, ([ts]) => ts),
    values: Float64Array.from(rows, ([, value]) => value),
    flags: Uint16Array.from(rows, ([, , flags]) => flags),
    seqs: Float64Array.from(rows, () => 1),
    texts,
  })
  digests.add(columns([[midnight - DAY + 1, 1, 4]]))
  digests.add(
    columns(
      [
        [midnight - 1, 0, packFlags('text', 0)],
        [midnight, -0, 0],
      ],
      ['é'],
    ),
  )
  const hex = (text: string) =>
    createHash('sha256')
      .update(Buffer.from(text.replaceAll(' ', ''), 'hex'))
      .digest('hex')
  expect(digests.end()).toEqual([
    {
      day: 10_957,
      readings: 2,
      digest: hex(
        // 1 ms after 2000-01-01; 1.0; 4 — 1 ms before the next day; 0; text, é in UTF-8.
        '00000000000003e8 3ff0000000000000 0004 000000141dd75c18 0000000000000000 0300 c3a9',
      ),
    },
    { day: 10_958, readings: 1, digest: hex('000000141dd76000 8000000000000000 0000') },
  ])
})
