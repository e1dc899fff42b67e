import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openSiteDb, type SiteDb } from '#platform/db/site-db.ts'
import { KnockBook, type NewKnock } from './knock-book.ts'
import { MOST_WAITING } from './waiting-room.ts'

let dir: string
let db: SiteDb
let book: KnockBook
let now: number
const DAY = 24 * 60 * 60_000

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'mw-knocks-'))
  db = await openSiteDb(join(dir, 'site.sqlite'))
  now = Date.UTC(2026, 10, 2, 8)
  book = await open()
})
afterEach(async () => {
  await book.stop()
  await db.destroy()
  rmSync(dir, { recursive: true })
})

const sealer = () => ({ derive: () => Buffer.alloc(32, 7) })

/** As after a power cut: what was only in memory is gone. */
async function open(): Promise<KnockBook> {
  const made = new KnockBook({ db, clock: { now: () => now }, log: pino({ level: 'silent' }), sealer })
  await made.start()
  return made
}

function box(more: Partial<NewKnock> = {}): NewKnock {
  return {
    way: 'bootstrap',
    mac: '02:00:00:00:00:01',
    label: null,
    deviceId: null,
    chip: null,
    firmware: null,
    hardware: null,
    credential: 'certificate',
    address: '10.0.0.1',
    withPollSecret: true,
    withToken: true,
    ...more,
  }
}

const macOf = (n: number) =>
  `02:00:${(n + 0x1_0000_0000)
    .toString(16)
    .slice(-8)
    .replace(/..(?!$)/g, '$&:')}`
const rows = () => db.selectFrom('knocks').selectAll().orderBy('id').execute()
const countRows = async () =>
  (
    await db
      .selectFrom('knocks')
      .select((eb) => eb.fn.countAll<number>().as('n'))
      .executeTakeFirstOrThrow()
  ).n

test('of poll secret and token only hashes are kept', async () => {
  const { pollSecret, token } = await book.knock(box())
  expect([pollSecret, token]).toEqual([
    expect.stringMatching(/^mwp_.{43}$/),
    expect.stringMatching(/^mwa_.{43}$/),
  ])
  const stored = JSON.stringify(await rows())
  expect([stored.includes(pollSecret ?? ''), stored.includes(token ?? '')]).toEqual([false, false])
  expect((await book.byPollSecret(pollSecret ?? ''))?.mac).toBe('02:00:00:00:00:01')
  expect(await book.byPollSecret(token ?? '')).toBeUndefined()
})

test('a hundred thousand MACs cost what ten thousand do, and push out nobody who polls', async () => {
  const { pollSecret, id } = await book.knock(box({ address: '192.0.2.1' }))
  book.heard(id)
  let told = 0
  for (let chunk = 0; chunk < 5; chunk++) {
    // Three times slow enough for the rate to let in four thousand, from as many networks as it takes.
    now += chunk < 3 ? 200_000 : 1_000
    const flood = Array.from({ length: 20_000 }, (_, n) =>
      book
        .knock(box({ mac: macOf(chunk * 20_000 + n), address: `2001:db8:${n % 97}::${n}` }))
        .catch(() => told++),
    )
    await Promise.all(flood)
  }
  expect(await countRows()).toBe(MOST_WAITING)
  // Beyond the rate they are told to come again.
  expect(told).toBeGreaterThan(0)
  expect((await book.byPollSecret(pollSecret ?? ''))?.state).toBe('waiting')
}, 60_000)

test('one network alone finds its end, and another is heard', async () => {
  const one = Array.from({ length: 2_500 }, (_, n) =>
    book.knock(box({ mac: macOf(n) })).catch((error) => error.data),
  )
  const refused = (await Promise.all(one)).filter((answer) => 'where' in answer)
  expect(refused[0]).toEqual({ where: 'network', seconds: 1 })
  expect(await countRows()).toBe(2_000)
  await book.knock(box({ address: '10.0.0.2' }))
  expect(await countRows()).toBe(2_001)
})

test('who asks too often is told when to come again', () => {
  for (let n = 0; n < 3_000; n++) book.take('10.0.0.1')
  expect(() => book.take('10.0.0.1')).toThrow(expect.objectContaining({ code: 'knocks_too_many' }))
  book.take('10.0.0.2')
  now += 1_000
  book.take('10.0.0.1')
})

test('the same name without the poll secret is another candidate: both are flagged', async () => {
  const first = await book.knock(box({ label: 'ESP-000001' }))
  const other = await book.knock(box({ mac: macOf(2), address: '10.0.0.2' }))
  const again = await book.knock(box({ mac: null, label: 'esp-000001', address: '10.0.0.3' }))
  expect([first.flagged, other.flagged, again.flagged]).toEqual([false, false, true])
  expect((await rows()).map(({ flagged }) => flagged)).toEqual([1, 0, 1])
})

test('polls are counted in memory, and are there after the next start', async () => {
  const { id } = await book.knock(box())
  now += 30_000
  for (let n = 0; n < 5; n++) book.heard(id)
  expect(await rows()).toMatchObject([{ count: 1, polledAt: null }])
  await book.stop()
  book = await open()
  expect(await rows()).toMatchObject([{ count: 6, polledAt: now, lastAt: now }])
})

test('a box that is not heard for a day is forgotten; so is one that was sent away, until then it may not knock', async () => {
  const quiet = await book.knock(box())
  const { id } = await book.knock(box({ mac: macOf(2) }))
  const away = (await rows()).find((row) => row.id === id)
  await db.transaction().execute((trx) => book.dismiss(trx, away ?? (undefined as never)))
  book.gone(id)
  const refused = { code: 'knock_dismissed', data: { seconds: 86_400 } }
  await expect(book.knock(box({ mac: macOf(2) }))).rejects.toMatchObject(refused)
  // Not from elsewhere: who has the name of another's box does not send it away.
  await book.knock(box({ mac: macOf(2), address: '10.0.0.9' }))
  now += DAY - 60_000
  const polling = await book.knock(box({ mac: macOf(3) }))
  now += 120_000
  await book.sweep()
  expect((await rows()).map((row) => row.id)).toEqual([polling.id])
  expect(await book.byPollSecret(quiet.pollSecret ?? '')).toBeUndefined()
  await book.knock(box({ mac: macOf(2) }))
})

test('what was answered is on disk: a power cut after it loses nobody', async () => {
  const { pollSecret } = await book.knock(box())
  const other = await open()
  expect((await other.byPollSecret(pollSecret ?? ''))?.state).toBe('waiting')
  await other.stop()
})

test('a disk that cannot take it refuses the box, and keeps no place for it', async () => {
  await db.schema.alterTable('knocks').renameTo('elsewhere').execute()
  await expect(book.knock(box())).rejects.toThrow('no such table')
  await db.schema.alterTable('elsewhere').renameTo('knocks').execute()
  expect((await book.knock(box())).flagged).toBe(false)
})

test('a flag ends with the other candidate, but not where that one got what was made under the name', async () => {
  const box1 = await book.knock(box())
  const box2 = await book.knock(box({ address: '10.0.0.2' }))
  const become = (state: 'delivered' | 'dismissed') =>
    db.updateTable('knocks').set({ state }).where('id', '=', box1.id).execute()
  const isFlagged = async () => (await rows()).find(({ id }) => id === box2.id)?.flagged === 1
  await become('delivered')
  await book.sweep()
  expect(await isFlagged()).toBe(true)
  await become('dismissed')
  await book.sweep()
  expect(await isFlagged()).toBe(false)
})
