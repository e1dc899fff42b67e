import type { ClientBase } from 'pg'
import { ExpectedError } from '#contract/errors.ts'

/**
 * The roles that everything in the schema is given to. Roles are of the whole cluster: another database of it may have
 * made them already. `millwright_admin` owns the schema and signs in as nobody; whoever runs the migration becomes a
 * member of it.
 */
export const ADMIN = 'millwright_admin'
export const groupRoles = ['millwright_site', 'millwright_reader', 'millwright_emqx'] as const

/**
 * From Postgres 16 on a role is given away only by who made it, or by who was given it WITH ADMIN OPTION.
 * @throws ExpectedError cloud_admin_lacks_rights
 */
export async function makeGroups(
  client: ClientBase,
  { name, superuser }: { name: string; superuser: boolean },
): Promise<void> {
  const { rows } = await client.query<{ rolname: string }>(
    'SELECT rolname FROM pg_catalog.pg_roles WHERE rolname = ANY ($1)',
    [[ADMIN, ...groupRoles]],
  )
  const there = new Set(rows.map((row) => row.rolname))
  for (const role of [ADMIN, ...groupRoles]) {
    if (!there.has(role)) await client.query(`CREATE ROLE ${role} NOLOGIN`)
  }
  // Postgres 16 gives whoever made a role the right to give it away, and not yet the right to act as it.
  if (superuser || (await mayActAs(client, ADMIN))) return
  try {
    await client.query(`GRANT ${ADMIN} TO CURRENT_USER`)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === '42501')) throw error
    throw new ExpectedError(
      'cloud_admin_lacks_rights',
      {
        username: name,
        cause: `${ADMIN} was made by somebody else, for another database of this server`,
      },
      { cause: error },
    )
  }
}

/** Whether the session may SET ROLE to it, and has its rights without. */
async function mayActAs(client: ClientBase, role: string): Promise<boolean> {
  const version = await serverVersion(client)
  const { rows } = await client.query<{ may: boolean }>(
    `SELECT pg_has_role($1, '${version >= 160_000 ? 'SET' : 'MEMBER'}') AND pg_has_role($1, 'USAGE') AS may`,
    [role],
  )
  return rows[0]?.may === true
}

/** As Postgres counts: 140012 is 14.12. */
export async function serverVersion(client: ClientBase): Promise<number> {
  const { rows } = await client.query<{ version: string }>(
    "SELECT current_setting('server_version_num') AS version",
  )
  return Number(rows[0]?.version ?? 0)
}
