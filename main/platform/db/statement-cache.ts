import type { Database, Statement } from 'better-sqlite3'

/** Queries of the site differ by some hundred texts; beyond it the one unused for longest is prepared anew. */
const KEPT = 500

/**
 * What Kysely needs of a database, with prepared statements kept by their text: preparing costs more than most of
 * the queries themselves. SQLite prepares a kept one again by itself when the schema changes under it.
 */
export function withStatementCache(sqlite: Database) {
  const statements = new Map<string, Statement>()
  return {
    close: () => sqlite.close(),
    prepare(sql: string): Statement {
      const statement = statements.get(sql) ?? sqlite.prepare(sql)
      statements.delete(sql)
      statements.set(sql, statement)
      const oldest = statements.keys().next().value
      if (statements.size > KEPT && oldest !== undefined) statements.delete(oldest)
      return statement
    },
  }
}
