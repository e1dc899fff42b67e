import type pg from 'pg'

export interface Relation {
  name: string
  kind: 'r' | 'p' | 'v' | 'm' | 'S' | 'f'
  columns: string[]
  secured: boolean
}

/** Every table, view and sequence of the schema. */
export async function relationsThere(superuser: pg.Client): Promise<Relation[]> {
  const { rows } = await superuser.query<Relation>(
    `SELECT c.relname AS name, c.relkind AS kind, c.relrowsecurity AND c.relforcerowsecurity AS secured,
       array(SELECT a.attname::text FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
         ORDER BY a.attnum) AS columns
     FROM pg_class c WHERE c.relnamespace = 'millwright'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm', 'S', 'f')
     ORDER BY c.relname`,
  )
  return rows
}

/** The SQLSTATE of what fails, else `nothing`. */
export async function refusedWith(work: Promise<unknown>): Promise<string> {
  try {
    await work
    return 'nothing'
  } catch (error) {
    return (error as { code?: string }).code ?? String(error)
  }
}

/** insufficient_privilege, which also a policy says. */
export const DENIED = '42501'
