import { CompiledQuery, type QueryResult } from 'kysely'
import type { CloudConnection } from '#platform/postgres/cloud-connection.ts'

/** Statements are constants of this folder, values are parameters. */
export interface CloudSql {
  query<Row = Record<string, unknown>>(text: string, values?: readonly unknown[]): Promise<QueryResult<Row>>
}

export type CloudLink = Pick<CloudConnection, 'db'>

/** Nobody else uses the connection until `use` resolves. */
export function inTurn<Result>(link: CloudLink, use: (sql: CloudSql) => Promise<Result>): Promise<Result> {
  return link.db.connection().execute((db) =>
    use({
      query: <Row>(text: string, values: readonly unknown[] = []) =>
        db.executeQuery<Row>(CompiledQuery.raw(text, [...values])),
    }),
  )
}

/** The same in one transaction. */
export function inTransaction<Result>(
  link: CloudLink,
  use: (sql: CloudSql) => Promise<Result>,
): Promise<Result> {
  return inTurn(link, async (sql) => {
    await sql.query('BEGIN')
    try {
      const result = await use(sql)
      await sql.query('COMMIT')
      return result
    } catch (error) {
      // Where the link is gone this fails too, and the server does it by itself.
      await sql.query('ROLLBACK').catch(() => undefined)
      throw error
    }
  })
}
