import { beforeEach, describe, expect, test } from 'vitest'
import type { ViewContent } from '#contract/api/views.ts'
import type { Role } from '#contract/model/permission.ts'
import { type Actor, auditActor, localSiteAdmin } from '#features/access/index.ts'
import { AuditDraft, AuditService } from '#features/audit/index.ts'
import { TenantsService } from '#features/tenants/index.ts'
import { openSiteDb, type SiteDb } from '#platform/db/site-db.ts'
import { personOf } from '#tests/fixtures/person.ts'
import { ViewsService } from './views.service.ts'

const clock = { now: () => 1_700_000_000_000 }
const channelId = '0190a000-0000-7000-8000-000000000001'
const trend = (range = '8h') =>
  ({
    kind: 'trend',
    content: {
      channels: [{ id: channelId, axis: 'left', min: 0, max: 100 }],
      range,
      compare: 86_400_000,
      bands: true,
      annotations: true,
    },
  }) satisfies ViewContent

let db: SiteDb
let views: ViewsService
let people: Record<'ana' | 'bo' | 'cleo' | 'south' | 'site', Actor>

beforeEach(async () => {
  db = await openSiteDb(':memory:')
  for (const id of ['north', 'south'])
    await db
      .insertInto('tenants')
      .values({ id, slug: id, name: id.toUpperCase(), state: 'active', createdAt: 1 })
      .execute()
  people = {
    ana: await person('ana', 'operator', 'north'),
    bo: await person('bo', 'operator', 'north'),
    cleo: await person('cleo', 'viewer', 'north'),
    south: await person('south-op', 'operator', 'south'),
    site: await person('root', 'site_admin', null),
  }
  views = new ViewsService({
    db,
    clock,
    audit: new AuditService(db, clock, () => new Uint8Array(32)),
    tenants: new TenantsService(db, clock),
  })
  return () => db.destroy()
})

async function person(id: string, role: Role, tenantId: string | null): Promise<Actor> {
  const email = `${id}@plant.example`
  await db
    .insertInto('users')
    .values({ id, name: id, email, passwordHash: '', siteAdmin: 0, state: 'active', createdAt: 1 })
    .execute()
  return personOf(role, tenantId, { id, name: id, email })
}

function draft(actor: Actor, action = 'view.create'): AuditDraft {
  return new AuditDraft({ actor: auditActor(actor), action, address: 'x', requestId: null })
}

const create = (actor: Actor, name: string, shared = false, tenant?: string) =>
  views.create(actor, { name, shared, ...(tenant !== undefined && { tenant }), ...trend() }, draft(actor))
const update = (actor: Actor, id: string, changes: Parameters<ViewsService['update']>[2]) =>
  views.update(actor, id, changes, draft(actor, 'view.update'))
const seenBy = async (actor: Actor) => (await views.list(actor, null)).map(({ name }) => name)

describe('who sees a view', () => {
  test('its owner; once shared, everyone of the tenant and the site administrators', async () => {
    const { ana, bo, cleo, south, site } = people
    const made = await create(ana, 'Boiler')
    expect(made).toMatchObject({ mine: true, writable: true, tenant: { id: 'north' }, ...trend() })
    for (const other of [bo, cleo, south, site, localSiteAdmin]) {
      expect(await seenBy(other)).toEqual([])
      await expect(views.get(other, made.id)).rejects.toMatchObject({ code: 'not_found' })
      await expect(views.delete(other, made.id, draft(other))).rejects.toMatchObject({ code: 'not_found' })
    }
    await update(ana, made.id, { version: 1, shared: true })
    for (const other of [ana, bo, cleo, site, localSiteAdmin]) expect(await seenBy(other)).toEqual(['Boiler'])
    expect(await seenBy(south)).toEqual([])
    await expect(update(south, made.id, { version: 2, name: 'x' })).rejects.toMatchObject({
      code: 'not_found',
    })
    expect(await views.get(cleo, made.id)).toMatchObject({ mine: false, writable: false, ownerName: 'ana' })
  })

  test('a view stays with the tenant when its owner moves on', async () => {
    const made = await create(people.ana, 'Boiler')
    const moved = personOf('operator', 'south', { id: 'ana', name: 'ana' })
    expect(await seenBy(moved)).toEqual([])
    await expect(update(moved, made.id, { version: 1, shared: true })).rejects.toMatchObject({
      code: 'not_found',
    })
  })

  test('those of the whole site name a tenant, or keep theirs to the site', async () => {
    const { site, cleo } = people
    await create(site, 'Both plants', true)
    await create(site, 'For north', true, 'north')
    expect(await seenBy(site)).toEqual(['Both plants', 'For north'])
    expect(await seenBy(cleo)).toEqual(['For north'])
    await expect(create(people.ana, 'x', true, 'south')).rejects.toMatchObject({ code: 'tenant_unknown' })
  })
})

test('sharing needs dashboards:write; a view of one’s own does not', async () => {
  const { cleo, ana } = people
  await expect(create(cleo, 'x', true)).rejects.toMatchObject({ code: 'forbidden' })
  const own = await create(cleo, 'x')
  await expect(update(cleo, own.id, { version: 1, shared: true })).rejects.toMatchObject({
    code: 'forbidden',
  })
  const shared = await create(ana, 'y', true)
  await expect(update(cleo, shared.id, { version: 1, name: 'z' })).rejects.toMatchObject({
    code: 'forbidden',
  })
  await expect(views.delete(cleo, shared.id, draft(cleo))).rejects.toMatchObject({ code: 'forbidden' })
})

test('a change made from an older version is refused, and says by whom it was overtaken', async () => {
  const { ana, bo } = people
  const { id } = await create(ana, 'Boiler', true)
  await update(bo, id, { version: 1, content: trend('24h').content })
  await expect(update(ana, id, { version: 1, content: trend('7d').content })).rejects.toMatchObject({
    code: 'view_changed',
    data: { name: 'Boiler', by: 'bo' },
  })
  expect(await views.get(ana, id)).toMatchObject({ version: 2, content: { range: '24h' } })
})

test('what another takes back from the tenant is theirs', async () => {
  const { ana, bo } = people
  const { id } = await create(ana, 'Boiler', true)
  await update(bo, id, { version: 1, shared: false })
  expect(await seenBy(ana)).toEqual([])
  expect(await seenBy(bo)).toEqual(['Boiler'])
})

test('a name stands once among what is shared, and once among one’s own', async () => {
  const { ana, bo } = people
  await create(ana, 'Boiler', true)
  await create(ana, 'Boiler')
  await expect(create(bo, 'Boiler', true)).rejects.toMatchObject({ code: 'view_name_taken' })
  const own = await create(bo, 'Boiler')
  await expect(update(bo, own.id, { version: 1, shared: true })).rejects.toMatchObject({
    code: 'view_name_taken',
  })
})

test('content of another kind is refused', async () => {
  const { id } = await create(people.ana, 'Boiler')
  await expect(
    update(people.ana, id, { version: 1, content: { columns: 12, tiles: [] } }),
  ).rejects.toMatchObject({ code: 'input_invalid' })
})

test('every change is in the audit, in the same transaction', async () => {
  const { id } = await create(people.ana, 'Boiler')
  await update(people.ana, id, { version: 1, name: 'Boiler 2' })
  await views.delete(people.ana, id, draft(people.ana, 'view.delete'))
  const entries = await db.selectFrom('auditEntries').select(['action', 'objectId', 'tenantId']).execute()
  expect(entries).toEqual(
    ['view.create', 'view.update', 'view.delete'].map((action) => ({
      action,
      objectId: id,
      tenantId: 'north',
    })),
  )
})

test('what an account that is gone had shared stays', async () => {
  await create(people.ana, 'Boiler', true)
  await db.deleteFrom('users').where('id', '=', 'ana').execute()
  expect(await views.list(people.bo, 'trend')).toMatchObject([{ name: 'Boiler', ownerName: null }])
  expect(await views.list(people.bo, 'dashboard')).toEqual([])
})
