import { ExpectedError } from '#contract/errors.ts'
import { type Actor, localSiteAdmin } from '#features/access/index.ts'
import { AuditDraft, AuditService } from '#features/audit/index.ts'
import { ActorLookup, hashToken, PasswordHashes } from '#features/identity/index.ts'
import { TenantsService } from '#features/tenants/index.ts'
import { openSiteDb, type SiteDb, type SiteTrx } from '#platform/db/site-db.ts'
import type { AccountChange } from './account.ts'
import { InvitationsService } from './invitations.service.ts'
import { MembershipsService } from './memberships.service.ts'
import { RolesService } from './roles.service.ts'
import { UsersService } from './users.service.ts'

export type UserWorld = Awaited<ReturnType<typeof openUserWorld>>
export const from = { address: '10.0.0.9', userAgent: 'test' }

/** The services of people on a store in memory: two tenants, of which `north` has groups (hall > line, yard). */
export async function openUserWorld() {
  const db = await openSiteDb(':memory:')
  const time = { now: Date.UTC(2026, 0, 1) }
  const clock = { now: () => time.now }
  const audit = new AuditService(db, clock, () => new Uint8Array(32))
  const tenants = new TenantsService(db, clock)
  await addTenants(db)
  await tenants.loadGroups()
  const hashes = new PasswordHashes(() => new Uint8Array(32))
  const changes: AccountChange[] = []
  const ended: string[] = []
  const ownerless: string[] = []
  const revoked: string[] = []
  const shared = {
    db,
    clock,
    audit,
    tenants,
    hashes,
    sessionEnded: (id: string) => void ended.push(id),
    changed: (change: AccountChange) => void changes.push(change),
    departures: {
      revokeClientCertificates: async (_trx: SiteTrx, id: string) => void revoked.push(id),
      departed: async ({ gatewayIds }: { gatewayIds: string[] }) => void ownerless.push(...gatewayIds),
    },
  }
  const roles = new RolesService(shared)
  const invitations = new InvitationsService({
    ...shared,
    siteName: () => 'Plant 1',
    address: () => 'https://plant.local:8443',
    checkPassword: (password) => {
      if (password.length < 12)
        throw new ExpectedError('password_too_short', { length: password.length, minimum: 12 })
    },
    confirm: async (userId, password) => {
      const row = await db
        .selectFrom('users')
        .select('passwordHash')
        .where('id', '=', userId)
        .executeTakeFirst()
      if (!(await hashes.matches(row?.passwordHash ?? null, password)))
        throw new ExpectedError('wrong_credentials')
    },
  })
  const memberships = new MembershipsService({ ...shared, roles, invitations })
  const users = new UsersService({
    ...shared,
    memberships,
    invitations,
    locks: () => new Map(),
    unlock: () => undefined,
  })
  const lookup = new ActorLookup({ db, tenants })
  return {
    db,
    time,
    tenants,
    roles,
    invitations,
    memberships,
    users,
    changes,
    ended,
    ownerless,
    revoked,
    /** A person who has an account, is active, and signed in before. */
    add: (id: string, given: { siteAdmin?: 0 | 1 } = {}) => addUser(db, id, given),
    member: (...of: MemberOf) => addMember(db, ...of),
    /** Somebody as they are at this moment. */
    as: (userId: string, tenantId: string | null = null): Promise<Actor> =>
      userId === 'local'
        ? Promise.resolve(localSiteAdmin)
        : lookup.person({ sessionId: 's', userId, tenantId, isSignOn: false }),
    draft: (actor: Actor, action = 'test') =>
      new AuditDraft({
        actor: { kind: 'user', id: actor.kind === 'user' ? actor.id : null, name: 'x' },
        action,
        address: '-',
        requestId: null,
      }),
    session: (userId: string, id: string) => addSession(db, userId, id),
    gateway: (id: string, of: { tenantId: string; groupId?: string; ownerUserId: string }) =>
      addGateway(db, id, of),
  }
}

async function addTenants(db: SiteDb): Promise<void> {
  for (const id of ['north', 'south'])
    await db.insertInto('tenants').values({ id, slug: id, name: id, state: 'active', createdAt: 1 }).execute()
  for (const [id, tenantId, parentId] of [
    ['hall', 'north', null],
    ['line', 'north', 'hall'],
    ['yard', 'north', null],
    ['dock', 'south', null],
  ] as const)
    await db.insertInto('groups').values({ id, tenantId, parentId, name: id, createdAt: 1 }).execute()
}

function addUser(db: SiteDb, id: string, { siteAdmin = 0 }: { siteAdmin?: 0 | 1 }) {
  const user = { id, email: `${id}@plant.example`, name: id, passwordHash: null, siteAdmin }
  return db
    .insertInto('users')
    .values({ ...user, state: 'active', createdAt: 1, lastLoginAt: 1 })
    .execute()
}

async function addGateway(
  db: SiteDb,
  id: string,
  of: { tenantId: string; groupId?: string; ownerUserId: string },
): Promise<void> {
  await db
    .insertInto('gateways')
    .values({
      id,
      code: id,
      label: id,
      name: id,
      mac: null,
      assignmentId: null,
      platform: null,
      hardwareRevision: null,
      firmwareVersion: null,
      maxDevices: 8,
      dialect: 'canonical',
      state: 'claimed',
      metadata: '{}',
      createdAt: 1,
      claimedAt: 1,
      activatedAt: null,
      lastSeenAt: null,
      deletedAt: null,
      ...of,
    })
    .execute()
}

type MemberOf = [
  userId: string,
  tenantId: string,
  roleId: string,
  reach?: 'tenant' | 'groups' | 'own',
  groups?: string[],
]

async function addMember(
  db: SiteDb,
  ...[userId, tenantId, roleId, reach = 'tenant', groups = []]: MemberOf
): Promise<void> {
  await db.insertInto('memberships').values({ userId, tenantId, roleId, reach, createdAt: 1 }).execute()
  for (const groupId of groups)
    await db.insertInto('membershipGroups').values({ userId, tenantId, groupId }).execute()
}

async function addSession(db: SiteDb, userId: string, id: string): Promise<void> {
  await db
    .insertInto('sessions')
    .values({
      id,
      kind: 'browser',
      tokenHash: hashToken(id),
      userId,
      createdAt: 1,
      expiresAt: Date.UTC(2030, 0, 1),
      lastSeenAt: 1,
      address: '-',
      userAgent: '-',
    })
    .execute()
}
