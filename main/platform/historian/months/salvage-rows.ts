import Database, { type Statement } from 'better-sqlite3'
import { isDamage } from '../store-errors.ts'

type Db = Database.Database
export type Row = Record<string, unknown>

/** Rows of one transaction, and between two yields. */
const BATCH = 500

/** What lies on a damaged page is not there; anything else that goes wrong is told. */
export function attempt<Result>(read: () => Result): Result | undefined {
  try {
    return read()
  } catch (error) {
    if (isDamage(error)) return undefined
    throw error
  }
}

/** Opens a file that may be damaged, for reading; null where nothing can be read of it. */
export function openDamaged(file: string): Db | null {
  const source = new Database(file, { fileMustExist: true })
  const tables = attempt(() => {
    source.pragma('query_only = ON')
    return source.prepare('SELECT name FROM sqlite_schema').all()
  })
  if (tables) return source
  closeDamaged(source)
  return null
}

/** Closing copies what is in the WAL, which a damaged file may not take. */
export function closeDamaged(source: Db): void {
  attempt(() => source.close())
}

/** Copies the rows of a table one by one by their `key`, a rowid: one that cannot be read does not hide the others. */
export function* copyByKey(
  source: Db,
  target: Db,
  table: string,
  key: string,
  /** Another index, whose pages may be sound where those of the table are not. */
  index: string | null,
): Generator<void, void> {
  const columns = columnsOf(target, table)
  const put = insertInto(target, table, columns)
  const one = attempt(() =>
    source.prepare<[number], Row>(`SELECT ${columns.join(', ')} FROM ${table} WHERE ${key} = ?`),
  )
  if (!one) return
  const edge = (which: 'min' | 'max', from: string): number | undefined =>
    attempt(() => source.prepare<[], number>(`SELECT ${which}(${key}) FROM ${from}`).pluck().get()) ??
    undefined
  const tables = index === null ? [table] : [table, `${table} INDEXED BY ${index} WHERE series >= 0`]
  const last = Math.max(...tables.map((from) => edge('max', from) ?? 0))
  let next = edge('min', table) ?? 0
  while (next <= last) {
    const rows: Row[] = []
    for (const end = next + BATCH; next < end && next <= last; next++) {
      const row = attempt(() => one.get(next))
      if (row) rows.push(row)
    }
    putAll(target, put, rows)
    yield
  }
}

/** Copies the rows that `where` chooses, by the primary key from both ends, each as far as it goes. */
export function* copyFromEnds(
  source: Db,
  target: Db,
  table: string,
  primaryKey: string[],
  where: { sql: string; value: number } | null = null,
): Generator<void, void> {
  const columns = columnsOf(target, table)
  const put = insertInto(target, table, columns)
  let whole = false
  for (const direction of ['ASC', 'DESC']) {
    if (whole) return
    const order = primaryKey.map((column) => `${column} ${direction}`).join(', ')
    const statement = attempt(() =>
      source.prepare<unknown[], Row>(
        `SELECT ${columns.join(', ')} FROM ${table} ${where ? `WHERE ${where.sql}` : ''} ORDER BY ${order}`,
      ),
    )
    if (!statement) return
    let rows: Row[] = []
    const end = attempt(() => {
      for (const row of statement.iterate(...(where ? [where.value] : []))) {
        rows.push(row)
        if (rows.length < BATCH) continue
        putAll(target, put, rows)
        rows = []
      }
      return true
    })
    putAll(target, put, rows)
    whole = end === true
    yield
  }
}

function columnsOf(db: Db, table: string): string[] {
  return (db.pragma(`table_info(${table})`) as { name: string }[]).map(({ name }) => name)
}

function insertInto(db: Db, table: string, columns: string[]): Statement<[Row]> {
  const values = columns.map((name) => `@${name}`).join(', ')
  return db.prepare<[Row]>(`INSERT OR IGNORE INTO ${table} (${columns.join(', ')}) VALUES (${values})`)
}

/** A row whose fields make no sense any more is left out. */
function putAll(target: Db, put: Statement<[Row]>, rows: Row[]): void {
  target.transaction(() => {
    for (const row of rows) {
      try {
        put.run(row)
      } catch (error) {
        if (!(error instanceof Database.SqliteError) || !/^SQLITE_(CONSTRAINT|MISMATCH)/.test(error.code))
          throw error
      }
    }
  })()
}
