import type { ClientBase } from 'pg'
import { ADMIN, groupRoles } from './groups.ts'

type Warn = (message: string) => void

/**
 * Up to Postgres 14, and in databases that were made with it, everybody who may connect may make functions and tables in the
 * schema `public`, where programs of others may look for names. Only its owner can take that away.
 */
export async function closePublic(client: ClientBase, warn: Warn): Promise<void> {
  if (!(await publicIsOpen(client))) return
  const statement = 'REVOKE CREATE ON SCHEMA public FROM PUBLIC'
  await ifAllowed(client, statement)
  if (await publicIsOpen(client))
    warn(
      `every login of this database may put functions into the schema public: have its owner run ${statement}`,
    )
}

async function publicIsOpen(client: ClientBase): Promise<boolean> {
  const { rowCount } = await client.query(
    `SELECT FROM pg_catalog.pg_namespace n, pg_catalog.aclexplode(n.nspacl) a
     WHERE n.nspname = 'public' AND a.grantee = 0 AND a.privilege_type = 'CREATE'`,
  )
  return rowCount !== 0
}

/** What logins need of the database itself, also where somebody took it from PUBLIC. */
export async function openDatabase(client: ClientBase, quotedDatabase: string, warn: Warn): Promise<void> {
  const needed = [
    // open_incoming() makes its table as the owner.
    [ADMIN, 'TEMPORARY'],
    ...groupRoles.map((group) => [group, 'CONNECT']),
  ] as const
  for (const [role, right] of needed) {
    await ifAllowed(client, `GRANT ${right} ON DATABASE ${quotedDatabase} TO ${role}`)
    const { rows } = await client.query<{ has: boolean }>(
      'SELECT has_database_privilege($1, current_database(), $2) AS has',
      [role, right],
    )
    if (!rows[0]?.has)
      warn(`${role} lacks ${right} on the database, which only the owner of the database can give`)
  }
}

/** Where the session's role has not got it to give, Postgres refuses, or says so in a notice. */
async function ifAllowed(client: ClientBase, statement: string): Promise<void> {
  try {
    await client.query(statement)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === '42501')) throw error
  }
}
