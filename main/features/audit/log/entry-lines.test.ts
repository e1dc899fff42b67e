import { parse } from 'csv-parse/sync'
import { expect, test } from 'vitest'
import { type ExportedEntry, entryLine, headLine } from './entry-lines.ts'

const nasty = '=cmd|\r\n2,"Ana",done\u2028\u0085\u202eonline\0'
const entry: ExportedEntry = {
  seq: 7,
  at: 1_800_000_000_000,
  actor: { kind: 'user', id: 'u1', name: nasty },
  action: 'gateway.suspend',
  object: { kind: 'gateway', id: nasty },
  tenant: { id: 't1', slug: 'north', name: 'North' },
  outcome: 'done',
  errorCode: null,
  path: nasty,
  status: 200,
  durationMs: 12,
  requestId: nasty,
  address: '10.0.0.7',
  details: { before: 'claimed', after: nasty },
  erased: false,
  chain: 'ab'.repeat(32),
}

test.each(['csv', 'jsonl'] as const)('an entry is one line of %s, whatever it holds', (format) => {
  const line = entryLine(entry, format, false)
  expect(line.trimEnd()).not.toMatch(/[\r\n\0\u0085\u2028\u202e]/)
})

test('a CSV is read back, and no field of it runs in a spreadsheet', () => {
  const [row] = parse<Record<string, string>>(headLine('csv') + entryLine(entry, 'csv', false), {
    columns: true,
  })
  expect(row).toMatchObject({
    seq: '7',
    time: '2027-01-15T08:00:00.000Z',
    actor_kind: 'user',
    tenant: 'north',
    status: '200',
    error: '',
    duration_ms: '12',
    chain: entry.chain,
  })
  expect(row?.['actor']).toMatch(/^'=cmd\|\\u000d\\u000a2,"Ana",done/)
  expect(JSON.parse(row?.['details'] ?? '')).toEqual(entry.details)
  const [raw] = parse<Record<string, string>>(headLine('csv') + entryLine(entry, 'csv', true), {
    columns: true,
  })
  expect(raw?.['actor']).toMatch(/^=cmd/)
})

test('a line of JSON is read back as it was', () => {
  expect(JSON.parse(entryLine(entry, 'jsonl', false))).toEqual(entry)
})
