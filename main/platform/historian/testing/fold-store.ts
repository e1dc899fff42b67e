import type { ReadingValue, ValueKind } from '#contract/model/reading.ts'
import { type MonthDb, type MonthName, openMonth } from '../months/month-file.ts'
import { LocalStore } from './local-store.ts'
import type { ModelRow } from './store-model.ts'
import { tempFolder } from './temp-folder.ts'

export const FOLD_START = Date.UTC(2026, 8, 1)
export const SEPTEMBER: MonthName = { month: '2026-09', retentionClass: 'standard' }

/** A store thirty days after FOLD_START. */
export function foldStore(dir = tempFolder()): LocalStore {
  const store = new LocalStore(dir)
  store.now = FOLD_START + 30 * 86_400_000
  return store.open()
}

interface RowOptions {
  from?: number
  every?: number
  value?: (at: number) => ReadingValue
  kind?: ValueKind
}

/** `count` readings from `from` (ms after FOLD_START) on, `every` ms. */
export function rowsOf(
  channel: string,
  count: number,
  { from = 0, every = 1_000, value = (at) => at / 4, kind = 'number' }: RowOptions = {},
): ModelRow[] {
  return Array.from({ length: count }, (_, at) => ({
    channel,
    kind,
    ts: FOLD_START + from + at * every,
    value: value(at),
    quality: 0,
  }))
}

/** Writes, settles and folds. */
export function folded(store: LocalStore, ...rows: ModelRow[][]): void {
  for (const some of rows) store.write(some)
  store.settleAll()
  const failure = store.fold()
  if (failure) throw new Error(failure.cause)
}

/** Does something to a month file that nobody has open. */
export function inMonth<Result>(store: LocalStore, name: MonthName, work: (db: MonthDb) => Result): Result {
  store.files.close(name)
  const db = openMonth(store.dir, name, 'OFF')
  try {
    return work(db)
  } finally {
    db.pragma('wal_checkpoint(TRUNCATE)')
    db.close()
  }
}

/** Flips one bit in the middle of what `select`, a table's id and data, gives. */
export function flipBit(db: MonthDb, table: 'blocks' | 'rollups', where: string): void {
  const row = db
    .prepare<[], { id: number; data: Buffer }>(`SELECT id, data FROM ${table} WHERE ${where} LIMIT 1`)
    .get()
  if (!row) throw new Error('there is no such row')
  const at = row.data.length >> 1
  row.data[at] = (row.data[at] as number) ^ 4
  db.prepare(`UPDATE ${table} SET data = ? WHERE id = ?`).run(row.data, row.id)
}
