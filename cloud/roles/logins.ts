import { setTimeout as sleep } from 'node:timers/promises'
import type { ClientBase } from 'pg'
import { ExpectedError } from '#contract/errors.ts'
import type { groupRoles } from './groups.ts'
import { newPassword, scramVerifier } from './password.ts'
import { SEARCH_PATH } from './search-path.ts'

export type LoginGroup = (typeof groupRoles)[number]

/** A login, told once: the cloud keeps no password. */
export interface NewLogin {
  readonly username: string
  readonly password: string
}

/** Names of roles have at most 63 bytes; a group's role is that of the schema. */
export const siteRole = (siteId: string) => `millwright_site_${siteId.replaceAll('-', '')}`
export const readerRole = (tenantId: string) => `millwright_reader_${tenantId.replaceAll('-', '')}`
export const emqxRole = (cloudId: string) => `millwright_emqx_${cloudId.replaceAll('-', '').slice(0, 8)}`

/** A site holds up to three connections, and opens new ones before the cloud has noticed that the old ones are dead. */
const CONNECTIONS_OF_A_SITE = 16

/** Also for programs of others: EMQX, Grafana, psql. */
const everybody = [`search_path = ${SEARCH_PATH}`]

/**
 * Every site's feed waits for the oldest open transaction of any: one whose site is gone without a word must end soon. A
 * session may set these otherwise.
 */
const sites = [
  "tcp_keepalives_idle = '30'",
  "tcp_keepalives_interval = '15'",
  "tcp_keepalives_count = '4'",
  // Keepalives are not sent while something is unacknowledged, as is what was notified meanwhile.
  "tcp_user_timeout = '90s'",
  "idle_in_transaction_session_timeout = '60s'",
  "statement_timeout = '15min'",
]

/**
 * Makes a login, or opens one again that was closed and could not be dropped.
 * @throws ExpectedError cloud_role_exists
 */
export async function makeLogin(
  client: ClientBase,
  login: { username: string; group: LoginGroup },
): Promise<NewLogin> {
  const { username, group } = login
  if (await canSignIn(client, username)) throw new ExpectedError('cloud_role_exists', { name: username })
  const isSite = group === 'millwright_site'
  const statements = [
    ...((await roleExists(client, username)) ? [] : ['CREATE ROLE %I NOSUPERUSER NOCREATEDB NOCREATEROLE']),
    `ALTER ROLE %I LOGIN CONNECTION LIMIT ${isSite ? CONNECTIONS_OF_A_SITE : -1}`,
    `GRANT ${group} TO %I`,
    ...[...everybody, ...(isSite ? sites : [])].map((setting) => `ALTER ROLE %I SET ${setting}`),
  ]
  for (const statement of statements) {
    await runRoleStatement(client, `format('${statement.replaceAll("'", "''")}', $1::text)`, [username])
  }
  return setNewPassword(client, username)
}

export async function setNewPassword(client: ClientBase, username: string): Promise<NewLogin> {
  const password = newPassword()
  await runRoleStatement(client, `format('ALTER ROLE %I PASSWORD %L', $1::text, $2::text)`, [
    username,
    scramVerifier(password),
  ])
  return { username, password }
}

/**
 * First step of taking a login away, to be committed: nobody signs in as it any more, and whoever still is loses every
 * right.
 */
export async function closeLogin(
  client: ClientBase,
  login: { username: string; group: LoginGroup },
): Promise<void> {
  const { username, group } = login
  if (!(await roleExists(client, username))) return
  await runRoleStatement(client, `format('ALTER ROLE %I NOLOGIN', $1::text)`, [username])
  await runRoleStatement(client, `format('REVOKE ${group} FROM %I', $1::text)`, [username])
}

/**
 * Second step, outside a transaction: ends its sessions and drops it.
 * @returns whether it is gone. It stays, closed and without the rights of its group, where its sessions cannot be ended and
 * hold temporary tables, and where somebody gave it more.
 */
export async function dropLogin(client: ClientBase, username: string): Promise<boolean> {
  if (!(await roleExists(client, username))) return true
  for (let attempt = 0; attempt < 3; attempt += 1) {
    await endSessions(client, username)
    try {
      await runRoleStatement(client, `format('DROP ROLE %I', $1::text)`, [username])
      return true
    } catch (error) {
      // dependent_objects_still_exist: what a session that is ending had made.
      if (!(error instanceof Error && 'code' in error && error.code === '2BP01')) throw error
      await sleep(200)
    }
  }
  return false
}

/** Ends what a role has open, so that a password that was changed is of no more use to who had it. */
export async function endSessions(client: ClientBase, username: string): Promise<void> {
  try {
    // Whoever made a role may make themself a member of it, and members may end its sessions.
    await runRoleStatement(client, `format('GRANT %I TO CURRENT_USER', $1::text)`, [username])
    await client.query(
      'SELECT pg_terminate_backend(pid) FROM pg_catalog.pg_stat_activity WHERE usename = $1',
      [username],
    )
    await runRoleStatement(client, `format('REVOKE %I FROM CURRENT_USER', $1::text)`, [username])
  } catch {
    // An administrator who did not make it: its sessions go on until they end.
  }
}

export async function canSignIn(client: ClientBase, username: string): Promise<boolean> {
  const { rowCount } = await client.query(
    'SELECT FROM pg_catalog.pg_roles WHERE rolname = $1 AND rolcanlogin',
    [username],
  )
  return rowCount === 1
}

async function roleExists(client: ClientBase, username: string): Promise<boolean> {
  const { rowCount } = await client.query('SELECT FROM pg_catalog.pg_roles WHERE rolname = $1', [username])
  return rowCount === 1
}

/** Statements about roles take no parameters: Postgres itself quotes names and values into them. */
async function runRoleStatement(client: ClientBase, sql: string, values: readonly string[]): Promise<void> {
  const { rows } = await client.query<{ statement: string }>(`SELECT ${sql} AS statement`, [...values])
  const statement = rows[0]?.statement
  if (statement === undefined) throw new Error('format() answered nothing')
  await client.query(statement)
}
