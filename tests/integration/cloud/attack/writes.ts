import type pg from 'pg'
import { expect } from 'vitest'
import { refusedWith, relationsThere } from './catalog.ts'
import { type FilledCloud, tenants } from './filled-cloud.ts'

/** What of a table is neither the attacking site's own nor common to both. */
function foreignRows(filled: FilledCloud, name: string): string {
  const { siteId } = filled.mine.access
  if (name === 'meta') return 'true'
  if (name === 'mqtt_names') return `t.name LIKE '%200%'`
  if (name.startsWith('telemetry'))
    return `t.channel IN (SELECT key FROM millwright.channels WHERE site_id <> '${siteId}')`
  // Whether a conflict of what is common is settled both may say.
  if (name === 'conflicts')
    return `t.tenant_id = '${tenants.theirs}' OR (t.entity <> 'group' AND t.site_id <> '${siteId}')`
  if (name === 'groups') return `t.tenant_id = '${tenants.theirs}'`
  if (name === 'tenants') return `t.id = '${tenants.theirs}'`
  if (name === 'changes') return `t.tenant_id = '${tenants.theirs}'`
  return `t.${name === 'sites' ? 'id' : 'site_id'} <> '${siteId}'`
}

/** Everything that is not the site's own and not of a tenant that it has: that it must not change. */
export async function fingerprint(
  filled: FilledCloud,
  of: 'all' | 'foreign',
): Promise<Record<string, string>> {
  const prints: Record<string, string> = {}
  for (const { name, kind } of await relationsThere(filled.superuser)) {
    if (kind !== 'r' && kind !== 'p') continue
    const where = of === 'all' ? 'true' : foreignRows(filled, name)
    const { rows } = await filled.superuser.query<{ print: string }>(
      `SELECT md5(coalesce(string_agg(t::text, ',' ORDER BY t::text), '')) AS print FROM millwright.${name} t WHERE ${where}`,
    )
    prints[name] = rows[0]?.print ?? ''
  }
  return prints
}

/** Changes and deletes all it can, of every table and column. */
export async function attackTables(filled: FilledCloud, client: pg.Client): Promise<void> {
  for (const { name, kind, columns } of await relationsThere(filled.superuser)) {
    if (kind === 'S') continue
    const table = `millwright.${name}`
    await refusedWith(client.query(`DELETE FROM ${table}`))
    expect([name, await refusedWith(client.query(`TRUNCATE ${table}`))]).not.toEqual([name, 'nothing'])
    for (const column of columns) {
      await refusedWith(client.query(`UPDATE ${table} SET ${column} = NULL`))
      await refusedWith(client.query(`UPDATE ${table} SET ${column} = $1`, [filled.mine.access.siteId]))
      await refusedWith(client.query(`UPDATE ${table} SET ${column} = $1`, [tenants.theirs]))
      await refusedWith(client.query(`UPDATE ${table} SET ${column} = 7`))
    }
    await copyRows(filled, client, name, columns)
  }
}

/** Their rows again: as they are, under another id, and over those that are there. */
async function copyRows(
  filled: FilledCloud,
  client: pg.Client,
  name: string,
  columns: string[],
): Promise<void> {
  const { rows } = await filled.superuser.query<{ row: Record<string, unknown> }>(
    `SELECT to_jsonb(t) AS row FROM millwright.${name} t ORDER BY t::text DESC LIMIT 6`,
  )
  const put = `INSERT INTO millwright.${name} (${columns}) SELECT ${columns} FROM jsonb_populate_record(NULL::millwright.${name}, $1)`
  const fresh = '018f0000-0000-7000-8000-0000000f0001'
  for (const { row } of rows) {
    const theirs =
      JSON.stringify(row).includes(tenants.theirs) ||
      JSON.stringify(row).includes(filled.theirs.access.siteId)
    for (const copy of [
      row,
      { ...row, id: fresh },
      { ...row, id: fresh, site_id: filled.mine.access.siteId },
      { ...row, id: fresh, tenant_id: tenants.mine },
    ]) {
      const mixed = JSON.stringify(copy)
      const foreign =
        theirs && (mixed.includes(tenants.theirs) || mixed.includes(filled.theirs.access.siteId))
      for (const more of [
        '',
        ` ON CONFLICT (id) DO UPDATE SET ${columns.at(-1)} = excluded.${columns.at(-1)}`,
      ]) {
        const refused = await refusedWith(client.query(put + more, [JSON.stringify(copy)]))
        // Groups of a common tenant may be made by either; what names the other's tenant or site never.
        if (foreign && more === '') expect([name, mixed, refused]).not.toEqual([name, mixed, 'nothing'])
      }
    }
  }
}

/** Of one who only reads: statements that were not refused, and tables that are not what they were. */
export async function whatWentThrough(filled: FilledCloud, client: pg.Client): Promise<string[]> {
  const before = await fingerprint(filled, 'all')
  const through: string[] = []
  for (const { name, kind, columns } of await relationsThere(filled.superuser)) {
    if (kind === 'S') continue
    const table = `millwright.${name}`
    for (const statement of [
      `INSERT INTO ${table} DEFAULT VALUES`,
      `DELETE FROM ${table}`,
      `TRUNCATE ${table}`,
      ...columns.map((column) => `UPDATE ${table} SET ${column} = NULL`),
    ]) {
      if ((await refusedWith(client.query(statement))) === 'nothing') through.push(statement)
    }
  }
  const after = await fingerprint(filled, 'all')
  return [...through, ...Object.keys(before).filter((name) => before[name] !== after[name])]
}
