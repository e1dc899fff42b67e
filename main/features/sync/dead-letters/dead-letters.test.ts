import { CompiledQuery } from 'kysely'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { packFlags } from '#contract/model/reading-batch.ts'
import { AuditDraft, AuditService } from '#features/audit/index.ts'
import { openSiteDb, type SiteDb } from '#platform/db/site-db.ts'
import type { AppendedReading } from '#platform/historian/historian.ts'
import { deadLetterCounts } from '../link/link.repository.ts'
import { linkRow } from '../link-row.fixture.ts'
import type { RefusedReading } from '../telemetry/reading-check.ts'
import {
  deadLettersToRetry,
  deadReadingsToRetry,
  putDeadObject,
  trimDeadReadings,
} from './dead-letters.repository.ts'
import { DeadLettersService } from './dead-letters.service.ts'
import { contentOf, keepRefused, valueOf } from './reading-letter.ts'

const now = Date.UTC(2026, 8, 1)
const draft = () =>
  new AuditDraft({
    actor: { kind: 'system', id: null, name: 'system' },
    action: 'cloud.test',
    address: 'local',
    requestId: null,
  })

let db: SiteDb
let letters: DeadLettersService
let appended: AppendedReading[]
beforeEach(async () => {
  db = await openSiteDb(':memory:')
  appended = []
  const clock = { now: () => now }
  letters = new DeadLettersService({
    db,
    clock,
    audit: new AuditService(db, clock, () => new Uint8Array(32)),
    historian: { append: async (readings) => void appended.push(...readings) },
  })
  await db
    .insertInto('cloudLink')
    .values(linkRow({ tailSeq: 0 }))
    .execute()
})
afterEach(() => db.destroy())

const refused = (ts: number, value: string | number, flags = packFlags('text', 4)): RefusedReading => ({
  seriesId: 7,
  ts,
  seq: 1,
  flags,
  value,
  refusal: { code: 'cloud_text_nul', data: { field: 'value' } },
})
const keep = (...readings: RefusedReading[]) =>
  keepRefused(db, readings, () => ({ channelId: 'c', tenantId: 'north' }), now)

test('values come back as they were: -0, NaN, booleans, halves of characters', () => {
  for (const value of [0, -0, 1.5, 2 ** 60, Number.NaN, Number.POSITIVE_INFINITY])
    expect(valueOf(contentOf(value), packFlags('number', 0))).toBe(value)
  expect(valueOf(contentOf(1), packFlags('boolean', 0))).toBe(true)
  for (const text of ['a\0b', 'half \ud800', ''])
    expect(valueOf(contentOf(text), packFlags('text', 0))).toBe(text)
})

test('one that is refused again stays one letter; lists go in pages, newest first', async () => {
  await keep(refused(1, 'a\0'), refused(2, 'b\0'), refused(3, 'c\0'))
  await keep(refused(2, 'd\0'))
  const first = await letters.list({ limit: 2 })
  expect(first).toMatchObject({ total: 3, deadLetters: [{ ts: 3 }, { ts: 2, value: 'd\0', attempts: 2 }] })
  const rest = await letters.list({ limit: 2, after: first.next ?? '' })
  expect(rest).toMatchObject({ deadLetters: [{ ts: 1, attempts: 1 }], next: null })
  expect((await letters.list({ limit: 9, tenantId: 'south' })).total).toBe(0)
})

test('asked for once more, one waits until it was tried; what is not there is told', async () => {
  await keep(refused(1, 'a\0'), refused(2, 'b\0'))
  const [letter] = (await letters.list({ limit: 1 })).deadLetters
  expect(await letters.retry([letter?.id ?? ''], draft())).toBe(1)
  expect(await deadLettersToRetry(db, 'reading', 10)).toMatchObject([{ ts: 2 }])
  // Of no channel yet: whose it is, is not known.
  expect(await deadReadingsToRetry(db, ['north', 'south'], 10)).toEqual([])
  await keep(refused(2, 'b\0'))
  expect(await deadLettersToRetry(db, 'reading', 10)).toEqual([])
  await expect(letters.retry(['nobody'], draft())).rejects.toMatchObject({ code: 'not_found' })
  await expect(letters.discard(['nobody'], draft())).rejects.toMatchObject({ code: 'not_found' })
  expect(await letters.discard([letter?.id ?? ''], draft())).toBe(1)
  expect((await letters.list({ limit: 9 })).total).toBe(1)
})

test('many at once leave others their turn; beyond so many letters, or so much text, the oldest go', async () => {
  let turns = 0
  const counting = setInterval(() => {
    turns += 1
  }, 0)
  const many = Array.from({ length: 3_000 }, (_, ts) => refused(ts, `${ts} ${'x'.repeat(100)}\0`))
  expect(await keep(...many)).toBe(0)
  clearInterval(counting)
  expect(turns).toBeGreaterThan(2)
  expect((await letters.list({ limit: 1 })).total).toBe(3_000)
  expect(await letters.retry(null, draft())).toBe(3_000)
  expect(await deadLettersToRetry(db, 'reading', 4_000)).toHaveLength(3_000)
  const trim = (most: { letters: number; bytes: number }) =>
    db.transaction().execute((trx) => trimDeadReadings(trx, most))
  expect(await trim({ letters: 2_900, bytes: 1e9 })).toBe(100)
  expect(await trim({ letters: 2_900, bytes: 100_000 })).toBeGreaterThan(1_500)
  const { total, deadLetters } = await letters.list({ limit: 1 })
  expect(total).toBeGreaterThan(500)
  expect(deadLetters).toMatchObject([{ ts: 2_999 }])
})

test('what is looked into each second is found by an index, and many letters are counted once', async () => {
  const run: { sql: string; parameters: readonly unknown[] }[] = []
  const watched = db.withPlugin({
    transformQuery: ({ node, queryId }) => {
      run.push(db.getExecutor().compileQuery(node, queryId))
      return node
    },
    transformResult: async ({ result }) => result,
  })
  await keepRefused(
    watched,
    Array.from({ length: 2_000 }, (_, ts) => refused(ts, 'a\0')),
    () => undefined,
    now,
  )
  expect(run.filter((query) => query.sql.includes('sum(length(content))'))).toHaveLength(1)
  run.length = 0
  await deadReadingsToRetry(watched, ['north'], 1)
  await deadLettersToRetry(watched, 'object', 1)
  await deadLetterCounts(watched)
  for (const query of run) {
    const plan = await db.executeQuery<{ detail: string }>(
      CompiledQuery.raw(`explain query plan ${query.sql}`, [...query.parameters]),
    )
    expect(plan.rows[0]?.detail).toMatch(/USING (INDEX cloudDeadRetries|COVERING INDEX cloudDeadTenants)/)
    expect(plan.rows.map(({ detail }) => detail).join()).not.toContain('TEMP B-TREE')
  }
})

test('what cannot be sent either is no correction; of a channel that is gone there is none', async () => {
  await keep(refused(1, 'a\0'))
  const [letter] = (await letters.list({ limit: 1 })).deadLetters
  await expect(letters.edit(letter?.id ?? '', 'a', draft())).rejects.toMatchObject({
    code: 'cloud_channel_gone',
  })
  expect(appended).toEqual([])
  expect((await letters.list({ limit: 9 })).total).toBe(1)
})

test('CSV has a line for each, with the words of the reason; no cell is a formula', async () => {
  await keep(refused(0, '=1+1\0'), refused(1, -5, packFlags('number', 0)))
  await db.transaction().execute((trx) =>
    putDeadObject(trx, {
      id: 'b',
      kind: 'object',
      direction: 'down',
      entity: 'groups',
      entityId: 'g',
      content: '{"name":"x"}',
      reason: 'cloud_refused',
      reasonData: '{"cause":"name, taken"}',
      firstAt: now,
      lastAt: now,
    }),
  )
  let csv = ''
  for await (const piece of letters.csv()) csv += piece
  const [head, object, number, text] = csv.split('\r\n')
  expect(head).toMatch(/^kind,direction,tenant_id,/)
  expect(object).toContain(
    'object,down,,,,,,groups,g,"{""name"":""x""}",cloud_refused,"The cloud refused it: name, taken",1,',
  )
  expect(number).toContain(',1970-01-01T00:00:00.001Z,-5,')
  expect(text).toContain(",'=1+1\0,")
})
