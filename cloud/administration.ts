import type { ClientBase } from 'pg'
import { ExpectedError } from '#contract/errors.ts'
import { inTransaction } from './in-transaction.ts'
import {
  canSignIn,
  closeLogin,
  dropLogin,
  emqxRole,
  endSessions,
  makeLogin,
  type NewLogin,
  readerRole,
  setNewPassword,
  siteRole,
} from './roles/logins.ts'

export type { NewLogin } from './roles/logins.ts'

/**
 * What administrators of the cloud do, each in one transaction. The session's role is a member of millwright_admin with
 * CREATEROLE (the one that ran `migrateCloud`, or a superuser). Sites are named by id or name, tenants by id or slug.
 */

export interface NewSite extends NewLogin {
  readonly siteId: string
  readonly siteKey: number
  readonly name: string
}

/** @throws ExpectedError cloud_role_exists where a site of that name has a login */
export function addSite(
  client: ClientBase,
  { name, allTenants = false }: { name: string; allTenants?: boolean },
): Promise<NewSite> {
  return inTransaction(client, async () => {
    const taken = await client.query(
      'SELECT FROM millwright.sites WHERE lower(name) = lower($1) AND role_name IS NOT NULL',
      [name],
    )
    if (taken.rowCount !== 0) throw new ExpectedError('cloud_role_exists', { name })
    const { rows } = await client.query<{ id: string; key: number }>(
      'INSERT INTO millwright.sites (name, all_tenants) VALUES ($1, $2) RETURNING id, key',
      [name, allTenants],
    )
    const site = rows[0]
    if (!site) throw new Error('a site that was made is not there')
    const login = await makeLogin(client, { username: siteRole(site.id), group: 'millwright_site' })
    await client.query('UPDATE millwright.sites SET role_name = $2 WHERE id = $1', [site.id, login.username])
    if (allTenants) {
      await client.query(
        'INSERT INTO millwright.site_tenants (site_id, tenant_id) SELECT $1, id FROM millwright.tenants WHERE deleted_at IS NULL',
        [site.id],
      )
    }
    return { siteId: site.id, siteKey: site.key, name, ...login }
  })
}

export interface RemovedSite {
  readonly siteId: string
  /** The role that could not be dropped: see `dropLogin`. */
  readonly roleStays: string | null
  readonly readings: number
  readonly objects: number
}

/**
 * Takes a site's login away. What it sent stays, unless `deleteData`: that goes in slices, each a transaction of its own, and
 * goes on where it was when it is asked for again.
 */
export async function removeSite(
  client: ClientBase,
  { site, deleteData = false }: { site: string; deleteData?: boolean },
): Promise<RemovedSite> {
  const { id, roleName } = await siteOf(client, site)
  await inTransaction(client, async () => {
    if (roleName) await closeLogin(client, { username: roleName, group: 'millwright_site' })
    await client.query('UPDATE millwright.sites SET role_name = NULL, token = NULL WHERE id = $1', [id])
  })
  const roleStays = roleName && !(await dropLogin(client, roleName)) ? roleName : null
  const gone = deleteData ? await deleteSent(client, id) : { readings: 0, objects: 0 }
  return { siteId: id, roleStays, ...gone }
}

const SLICE = 50_000

/** What a site sent and the site itself, of every tenant: it may have had more than it has now. */
async function deleteSent(
  client: ClientBase,
  siteId: string,
): Promise<{ readings: number; objects: number }> {
  const gone = { readings: 0, objects: 0 }
  const tenants = await client.query<{ id: string }>('SELECT id FROM millwright.tenants ORDER BY key')
  for (const { id } of tenants.rows) {
    for (let isDone = false; !isDone; ) {
      const { rows } = await client.query<{ slice: { readings: number; objects: number; done: boolean } }>(
        'SELECT millwright.take_back($1, $2, $3) AS slice',
        [siteId, id, SLICE],
      )
      const slice = rows[0]?.slice
      gone.readings += slice?.readings ?? 0
      gone.objects += slice?.objects ?? 0
      isDone = slice?.done ?? true
    }
  }
  // With its audit of what is no tenant's.
  await client.query('DELETE FROM millwright.sites WHERE id = $1', [siteId])
  return gone
}

/** From here on the tenant is the site's too: it appears there. */
export function share(
  client: ClientBase,
  { tenant, site }: { tenant: string; site: string },
): Promise<{ tenantId: string; siteId: string }> {
  return inTransaction(client, async () => {
    const [{ id: tenantId }, { id: siteId }] = [await tenantOf(client, tenant), await siteOf(client, site)]
    await client.query(
      'INSERT INTO millwright.site_tenants (site_id, tenant_id) VALUES ($1, $2) ON CONFLICT DO NOTHING',
      [siteId, tenantId],
    )
    return { tenantId, siteId }
  })
}

/** The site sends and gets nothing more of the tenant. What it sent stays. */
export function unshare(
  client: ClientBase,
  { tenant, site }: { tenant: string; site: string },
): Promise<{ tenantId: string; siteId: string }> {
  return inTransaction(client, async () => {
    const [{ id: tenantId }, { id: siteId }] = [await tenantOf(client, tenant), await siteOf(client, site)]
    await client.query('DELETE FROM millwright.site_tenants WHERE site_id = $1 AND tenant_id = $2', [
      siteId,
      tenantId,
    ])
    return { tenantId, siteId }
  })
}

/** A login that reads everything of one tenant, and nothing else. */
export function addReader(client: ClientBase, { tenant }: { tenant: string }): Promise<NewLogin> {
  return inTransaction(client, async () => {
    const { id } = await tenantOf(client, tenant)
    return makeLogin(client, { username: readerRole(id), group: 'millwright_reader' })
  })
}

/** @returns the role that could not be dropped: see `dropLogin` */
export async function removeReader(
  client: ClientBase,
  { tenant }: { tenant: string },
): Promise<string | null> {
  const { id } = await tenantOf(client, tenant)
  const username = readerRole(id)
  await inTransaction(client, () => closeLogin(client, { username, group: 'millwright_reader' }))
  return (await dropLogin(client, username)) ? null : username
}

/** A login for an EMQX cluster: it reads the views emqx_auth and emqx_acl. */
export function addEmqxReader(client: ClientBase): Promise<NewLogin> {
  return inTransaction(client, async () =>
    makeLogin(client, { username: emqxRole(await cloudId(client)), group: 'millwright_emqx' }),
  )
}

/** Whose login. */
export type LoginOf = { site: string } | { reader: string } | { emqx: true }

/** A new password; the old one is worth nothing from here on, and sessions opened with it are ended where that is allowed. */
export async function rotatePassword(client: ClientBase, of: LoginOf): Promise<NewLogin> {
  const username = await usernameOf(client, of)
  const login = await inTransaction(client, () => setNewPassword(client, username))
  await endSessions(client, username)
  return login
}

async function usernameOf(client: ClientBase, of: LoginOf): Promise<string> {
  if ('site' in of) {
    const { name, roleName } = await siteOf(client, of.site)
    if (!roleName) throw new ExpectedError('cloud_login_none', { name })
    return roleName
  }
  const username =
    'reader' in of ? readerRole((await tenantOf(client, of.reader)).id) : emqxRole(await cloudId(client))
  if (!(await canSignIn(client, username))) throw new ExpectedError('cloud_login_none', { name: username })
  return username
}

async function cloudId(client: ClientBase): Promise<string> {
  const { rows } = await client.query<{ value: string }>(
    "SELECT value FROM millwright.meta WHERE key = 'cloud_id'",
  )
  return rows[0]?.value ?? ''
}

/** By id or name. @throws ExpectedError cloud_site_unknown */
export async function siteOf(
  client: ClientBase,
  site: string,
): Promise<{ id: string; name: string; roleName: string | null }> {
  const { rows } = await client.query<{ id: string; name: string; roleName: string | null }>(
    `SELECT id, name, role_name AS "roleName" FROM millwright.sites
     WHERE id::text = lower($1) OR lower(name) = lower($1) ORDER BY id::text = lower($1) DESC, role_name IS NULL, key DESC
     LIMIT 1`,
    [site],
  )
  if (!rows[0]) throw new ExpectedError('cloud_site_unknown', { site })
  return rows[0]
}

/** By id or slug. @throws ExpectedError cloud_tenant_unknown, cloud_tenant_ambiguous */
export async function tenantOf(client: ClientBase, tenant: string): Promise<{ id: string; slug: string }> {
  const { rows } = await client.query<{ id: string; slug: string }>(
    `SELECT id, slug FROM millwright.tenants
     WHERE id::text = lower($1) OR (slug = $1 AND deleted_at IS NULL) ORDER BY id::text = lower($1) DESC, key`,
    [tenant],
  )
  const [first, second] = rows
  if (!first) throw new ExpectedError('cloud_tenant_unknown', { tenant })
  if (second && first.id !== tenant.toLowerCase()) {
    throw new ExpectedError('cloud_tenant_ambiguous', { tenant, ids: rows.map(({ id }) => id).join(', ') })
  }
  return first
}
