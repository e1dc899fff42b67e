import { expect, test } from 'vitest'
import type { ColumnsPage, ColumnsQuery } from '../historian.ts'
import { LocalStore } from '../testing/local-store.ts'
import { tempFolder } from '../testing/temp-folder.ts'

const START = Date.UTC(2026, 4, 31)
const HOUR = 3_600_000

test('pages of long texts are short, and together they are everything', () => {
  const store = new LocalStore(tempFolder())
  store.now = START + 100 * HOUR
  store.open()
  const texts = Array.from({ length: 20 }, (_, at) => `${at} ${'x'.repeat(1_000_000)}`)
  store.write(
    texts.map((value, at) => ({
      channel: 'log',
      kind: 'text' as const,
      ts: START + at * HOUR,
      value,
      quality: 0,
    })),
  )
  const seen: (string | undefined)[] = []
  const counts: number[] = []
  for (let after: number | null = START; after !== null; ) {
    const query: ColumnsQuery = { seriesId: 1, from: START, to: START + 20 * HOUR, after }
    const { columns, next }: ColumnsPage = store.ask('columns', query)
    counts.push(columns.count)
    seen.push(...[...columns.values].map((place) => columns.texts[place]))
    after = next
  }
  expect(counts).toEqual([9, 9, 2])
  expect(seen).toEqual(texts)
  store.close()
})
