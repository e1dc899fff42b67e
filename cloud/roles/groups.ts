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

/**
 * Who made these roles before the first `init` on this server may be in them, or have given them more than they need; of
 * another cloud of the same server they are in order.
 */
export async function tellOfStrangers(client: ClientBase, warn: (message: string) => void): Promise<void> {
  const { rows: members } = await client.query<{ name: string }>(
    `SELECT rolname::text AS name FROM pg_catalog.pg_roles
     WHERE pg_has_role(oid, '${ADMIN}', 'MEMBER') AND NOT rolsuper AND rolname NOT IN ('${ADMIN}', current_user)
     ORDER BY 1`,
  )
  if (members.length > 0)
    warn(
      `${ADMIN} reads and changes everything here, and has members: ${members.map(({ name }) => name).join(', ')}`,
    )
  const { rows: roles } = await client.query<{ name: string; may: string }>(
    `SELECT rolname::text AS name, concat_ws(' ', CASE WHEN rolsuper THEN 'SUPERUSER' END,
       CASE WHEN rolbypassrls THEN 'BYPASSRLS' END, CASE WHEN rolcreaterole THEN 'CREATEROLE' END,
       CASE WHEN rolcanlogin THEN 'LOGIN' END) AS may
     FROM pg_catalog.pg_roles WHERE rolname = ANY ($1) ORDER BY 1`,
    [[ADMIN, ...groupRoles]],
  )
  for (const { name, may } of roles) {
    if (may !== '') warn(`${name} was there already, and has ${may}`)
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
