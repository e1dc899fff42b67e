import { sql } from 'kysely'

/** However many texts as one parameter: SQLite bounds the parameters of a statement. */
export function listed(values: readonly string[]) {
  return sql<string>`(select value from json_each(${JSON.stringify(values)}))`
}
