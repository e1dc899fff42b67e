import { beforeEach, expect, test } from 'vitest'
import { ExpectedError } from '#contract/errors.ts'
import { type Actor, auditActor, localSiteAdmin } from '#features/access/index.ts'
import { AuditDraft, AuditService } from '#features/audit/index.ts'
import { TenantsService } from '#features/tenants/index.ts'
import { openSiteDb, type SiteDb } from '#platform/db/site-db.ts'
import { personOf } from '#tests/fixtures/person.ts'
import { type AnnotationDraft, AnnotationsService } from './annotations.service.ts'

const clock = { now: () => 1_700_000_000_000 }
const north = { all: false, tenantId: 'north', within: null } as const
const south = { all: false, tenantId: 'south', within: null } as const
const site = { all: true } as const
const boiler = 'north-boiler'
const pump = 'north-pump'

let db: SiteDb
let annotations: AnnotationsService

beforeEach(async () => {
  db = await openSiteDb(':memory:')
  for (const id of ['north', 'south'])
    await db
      .insertInto('tenants')
      .values({ id, slug: id, name: id.toUpperCase(), state: 'active', createdAt: 1 })
      .execute()
  annotations = new AnnotationsService({
    db,
    clock,
    audit: new AuditService(db, clock, () => new Uint8Array(32)),
    tenants: new TenantsService(db, clock),
    tenantOfChannel: (scope, id) => {
      const tenantId = id.split('-')[0] ?? ''
      if (!scope.all && scope.tenantId !== tenantId)
        throw new ExpectedError('not_found', { what: 'channel', id })
      return tenantId
    },
  })
  return () => db.destroy()
})

const operator = personOf('operator', 'north', { id: 'o', name: 'Ana' })

function draft(actor: Actor): AuditDraft {
  return new AuditDraft({ actor: auditActor(actor), action: 'annotation', address: 'x', requestId: null })
}

async function write(given: Partial<AnnotationDraft>, actor: Actor = operator) {
  const user = { id: 'o', email: 'a@b', name: 'Ana', passwordHash: '', siteAdmin: 0 as const }
  await db
    .insertInto('users')
    .values({ ...user, state: 'active', createdAt: 1 })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
  return annotations.create(
    actor,
    { from: 1_000, text: 'filter changed', channelIds: [], ...given },
    draft(actor),
  )
}

const texts = async (from: number, to: number, channelIds?: string[]) =>
  (
    await annotations.list(north, { from, to, limit: 100, ...(channelIds && { channelIds }) })
  ).annotations.map(({ text }) => text)

test('a point and a span are found by every range that they touch', async () => {
  await write({ from: 1_000, text: 'point' })
  await write({ from: 2_000, to: 3_000, text: 'span' })
  expect(await texts(1_000, 1_001)).toEqual(['point'])
  expect(await texts(0, 1_000)).toEqual([])
  expect(await texts(2_500, 2_600)).toEqual(['span'])
  expect(await texts(0, 10_000)).toEqual(['span', 'point'])
  await expect(annotations.list(north, { from: 5, to: 5, limit: 1 })).rejects.toMatchObject({
    code: 'range_invalid',
  })
  expect(await annotations.list(north, { from: 0, to: 10_000, limit: 1 })).toMatchObject({ more: true })
})

test('one about channels is shown with these alone, one about everything always', async () => {
  await write({ channelIds: [boiler, boiler], text: 'boiler' })
  await write({ text: 'plant' })
  expect((await texts(0, 9_999, [boiler])).toSorted()).toEqual(['boiler', 'plant'])
  expect(await texts(0, 9_999, [pump])).toEqual(['plant'])
})

test('the tenant is that of the channels; without any, it must be named where there are several', async () => {
  expect(await write({ channelIds: [boiler] }, localSiteAdmin)).toMatchObject({ tenant: { id: 'north' } })
  await expect(write({}, localSiteAdmin)).rejects.toMatchObject({ code: 'tenant_unknown' })
  expect(await write({ tenant: 'south' }, localSiteAdmin)).toMatchObject({ tenant: { slug: 'south' } })
  await expect(write({ channelIds: [boiler, 'south-fan'] }, localSiteAdmin)).rejects.toMatchObject({
    code: 'tenant_unknown',
  })
  await expect(write({ channelIds: ['south-fan'] })).rejects.toMatchObject({ code: 'not_found' })
})

test('what belongs to another tenant does not exist', async () => {
  const { id, version } = await write({})
  expect((await annotations.list(south, { from: 0, to: 9_999, limit: 10 })).annotations).toEqual([])
  await expect(annotations.update(south, id, { version, text: 'x' }, draft(operator))).rejects.toMatchObject({
    code: 'not_found',
  })
  await expect(annotations.delete(south, id, draft(operator))).rejects.toMatchObject({ code: 'not_found' })
  expect((await annotations.list(site, { from: 0, to: 9_999, limit: 10 })).annotations).toHaveLength(1)
})

test('changes keep what they do not name, and are refused when somebody was faster', async () => {
  const { id } = await write({ from: 1_000 })
  const moved = await annotations.update(north, id, { version: 1, from: 5_000 }, draft(operator))
  expect(moved).toMatchObject({
    from: 5_000,
    to: 5_000,
    text: 'filter changed',
    version: 2,
    authorName: 'Ana',
  })
  await expect(
    annotations.update(north, id, { version: 1, text: 'x' }, draft(operator)),
  ).rejects.toMatchObject({ code: 'annotation_changed' })
  await expect(
    annotations.update(north, id, { version: 2, to: 4_000 }, draft(operator)),
  ).rejects.toMatchObject({ code: 'range_invalid' })
})

test('whoever looks is told, and the audit holds what was deleted', async () => {
  const told: string[] = []
  annotations.changed.subscribe(({ tenantId }) => told.push(tenantId))
  const { id } = await write({})
  await annotations.delete(north, id, draft(operator))
  expect(told).toEqual(['north', 'north'])
  const entries = await db.selectFrom('auditEntries').select(['objectId', 'details']).execute()
  expect(entries.map(({ objectId }) => objectId)).toEqual([id, id])
  expect(entries[1]?.details).toContain('filter changed')
})
