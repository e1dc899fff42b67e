import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { RetentionClass } from '../historian.ts'
import { FOLD_START, folded, foldStore, rowsOf } from '../testing/fold-store.ts'
import type { LocalStore } from '../testing/local-store.ts'
import { listMonths, MONTHS_FOLDER } from './month-file.ts'
import { storeBytes, tidyMonths } from './month-parts.ts'

const DAY = 86_400_000
const monthsOf = (store: LocalStore): string[] =>
  listMonths(store.dir).map(({ month, retentionClass }) => `${month}.${retentionClass}`)

function setClasses(
  store: LocalStore,
  classes: RetentionClass[],
  bySeries: [number, string][] = [],
  budgetBytes: number | null = null,
): void {
  store.setRetention({
    classes,
    defaultClass: classes[0]?.id ?? '',
    bySeries: new Map(bySeries),
    budgetBytes,
  })
}

const standard = { id: 'standard', days: 30, evictable: false }
const short = { id: 'short', days: 5, evictable: true }
const ever = { id: 'ever', days: null, evictable: true }

/** July, August and September 2026, of the series 1, 2 and 3 in their classes. */
function threeMonths(): LocalStore {
  const store = foldStore()
  store.now = FOLD_START
  setClasses(store, [{ ...standard, days: 400 }, short, ever], [[2, 'ever']])
  const months = [-62, -31, -1].map((days) =>
    ['a', 'b'].map((of) => rowsOf(of, 50, { from: days * DAY, every: 60_000 })),
  )
  folded(store, ...months.flat())
  return store
}

test('a file goes when the last of its month is older than its class keeps, to the ms', () => {
  const store = threeMonths()
  expect(monthsOf(store)).toEqual(['2026-07.ever', '2026-07.standard', '2026-08.ever', '2026-08.standard'])
  setClasses(store, [standard, short, ever])
  // July ends with the first of August.
  store.now = FOLD_START - 31 * DAY + 30 * DAY
  folded(store)
  expect(monthsOf(store)).toHaveLength(4)
  store.now += 1
  folded(store)
  expect(monthsOf(store)).toEqual(['2026-07.ever', '2026-08.ever', '2026-08.standard'])
  expect(store.events).toEqual([
    {
      type: 'monthRetired',
      month: '2026-07',
      retentionClass: 'standard',
      bytes: expect.any(Number),
      readings: 50,
      cause: 'retention',
      series: [],
    },
  ])
  expect(
    readdirSync(join(store.dir, MONTHS_FOLDER)).filter((name) => name.includes('2026-07.standard')),
  ).toEqual([])
  // A class that is gone is kept like the default one.
  setClasses(store, [{ id: 'short', days: 5, evictable: true }])
  store.now = FOLD_START + 5 * DAY + 1
  folded(store)
  expect(monthsOf(store)).toEqual([])
  store.close()
})

test('what is past its time when it comes is counted and not kept, unless its hour is kept already', () => {
  const store = threeMonths()
  store.now = FOLD_START + 40 * DAY
  setClasses(store, [standard], [[2, 'ever']])
  store.write(rowsOf('a', 10, { from: -62 * DAY, every: 7 }))
  store.write(rowsOf('a', 20, { from: -100 * DAY }))
  store.settleAll()
  // The file of July is still there in this round.
  store.fold()
  expect(store.events.find(({ type }) => type === 'expiredOnArrival')).toEqual({
    type: 'expiredOnArrival',
    readings: 20,
  })
  expect(store.store.prepare('SELECT count(*) FROM readings').pluck().get()).toBe(0)
  store.close()
})

test('whoever wants to know is told what a deleted month had of each series', () => {
  const store = threeMonths()
  setClasses(store, [standard, short, ever])
  store.folder.tellRetired(true)
  store.now = FOLD_START
  folded(store)
  // Written series by series, month after month.
  expect(store.events).toMatchObject([
    { type: 'monthRetired', month: '2026-07', series: [{ seriesId: 1, readings: 50, toSeq: 50 }] },
  ])
  store.close()
})

test('over its budget a store gives up the oldest months that may go, and tells when that is not enough', () => {
  const store = threeMonths()
  const full = storeBytes(store.dir)
  const classes = [{ ...standard, days: 400 }, short, ever]
  setClasses(store, classes, [[2, 'ever']], full - 1)
  folded(store)
  expect(store.events).toMatchObject([
    { type: 'monthRetired', month: '2026-07', retentionClass: 'ever', cause: 'budget' },
  ])
  expect(monthsOf(store)).toEqual(['2026-07.standard', '2026-08.ever', '2026-08.standard'])
  // What is left may not go, or is of this month.
  store.now = FOLD_START - DAY
  setClasses(store, classes, [[2, 'ever']], 1_000)
  folded(store)
  folded(store)
  expect(store.events.slice(1)).toEqual([
    { type: 'budgetExceeded', bytes: expect.any(Number), budgetBytes: 1_000 },
  ])
  expect(monthsOf(store)).toHaveLength(3)
  // Once for each time that it gets there.
  setClasses(store, classes, [], null)
  folded(store)
  setClasses(store, classes, [], 1_000)
  folded(store)
  expect(store.events.filter(({ type }) => type === 'budgetExceeded')).toHaveLength(2)
  store.close()
})

test('the budget takes no newer month while the oldest one cannot be deleted', () => {
  const store = threeMonths()
  const classes = [{ id: 'standard', days: null, evictable: true }]
  // Stands for a program that keeps a file from being renamed.
  const inTheWay = join(store.dir, MONTHS_FOLDER, '2026-07.ever.sqlite.retired')
  mkdirSync(join(inTheWay, 'x'), { recursive: true })
  setClasses(store, classes, [], 1_000)
  store.now = FOLD_START + 5 * DAY
  expect(store.fold()).toMatchObject({ type: 'foldFailed' })
  expect(monthsOf(store)).toHaveLength(4)
  expect(store.events.map(({ type }) => type)).toEqual(['foldFailed', 'budgetExceeded'])
  rmSync(inTheWay, { recursive: true })
  // What is on its way out counts for nothing, and goes with the next round.
  const bytes = storeBytes(store.dir)
  writeFileSync(inTheWay, Buffer.alloc(10_000))
  expect(storeBytes(store.dir)).toBe(bytes)
  folded(store)
  expect(monthsOf(store)).toEqual([])
  expect(existsSync(inTheWay)).toBe(false)
  store.close()
})

test('what a crash leaves of files on their way is tidied up', () => {
  const store = foldStore()
  store.close()
  const folder = join(store.dir, MONTHS_FOLDER)
  mkdirSync(folder, { recursive: true })
  const names = [
    '2026-01.standard.sqlite.retired',
    '2026-01.standard.sqlite-wal',
    '2026-02.standard.sqlite',
    '2026-02.standard.sqlite-wal',
    '2026-02.standard.sqlite.making',
    '2026-02.standard.sqlite.making-journal',
    '2026-02.standard.sqlite.salvaged',
    '2026-03.standard.sqlite.damaged-1',
    '2026-03.standard.sqlite-shm',
    '2026-03.standard.sqlite.salvaged',
    'notes.txt',
  ]
  for (const name of names) writeFileSync(join(folder, name), name)
  // What cannot be removed keeps nothing else waiting.
  mkdirSync(join(folder, '2026-00.standard.sqlite.retired'))
  tidyMonths(store.dir)
  expect(readdirSync(folder).sort()).toEqual([
    '2026-00.standard.sqlite.retired',
    '2026-02.standard.sqlite',
    '2026-02.standard.sqlite-wal',
    '2026-03.standard.sqlite',
    '2026-03.standard.sqlite.damaged-1',
    'notes.txt',
  ])
  expect(existsSync(join(folder, '2026-03.standard.sqlite'))).toBe(true)
})
