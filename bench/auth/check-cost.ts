import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { type Actor, localSiteAdmin, requireAccess, scopeOf } from '#features/access/index.ts'
import { ApiKeysService } from '#features/api-keys/index.ts'
import { AuditDraft, AuditService } from '#features/audit/index.ts'
import {
  ActorLookup,
  IdentityService,
  PasswordHashes,
  SecondFactors,
  TokensService,
} from '#features/identity/index.ts'
import { TenantsService } from '#features/tenants/index.ts'
import { systemClock } from '#platform/clock/clock.ts'
import { openSiteDb } from '#platform/db/site-db.ts'
import { Sealer } from '#platform/secrets/sealing.ts'
import { SiteKey } from '#platform/secrets/site-key.ts'

const PEOPLE = 1_000
const GROUPS = 100
const CALLS = 20_000
const PASSWORD = 'a bench of quiet turbines'

/** µs of one call, by what it shows, on a store of its own on disk. */
export async function measureCheck() {
  const folder = await mkdtemp(join(tmpdir(), 'millwright-bench-'))
  const db = await openSiteDb(join(folder, 'site.sqlite'))
  try {
    const world = await openWorld(db)
    const from = { address: '127.0.0.1', userAgent: 'bench' }
    const draft = () =>
      new AuditDraft({
        actor: { kind: 'system', id: null, name: 'bench' },
        action: 'bench',
        address: 'local',
        requestId: null,
      })
    const email = 'person-500@example.com'
    const { token } = await world.identity.login({ email, password: PASSWORD }, from, draft())
    const { accessToken } = await world.tokens.open({ email, password: PASSWORD }, from, draft())
    const { secret } = await world.apiKeys.create(
      localSiteAdmin,
      { name: 'bench', scopes: ['gateways:read'], group: 'g50', expiresInDays: null },
      draft(),
    )
    return {
      people: PEOPLE,
      cookie: await costOf(() => world.identity.sessions.resolve(token)),
      accessToken: await costOf(() => world.tokens.resolve(accessToken)),
      apiKey: await costOf(() => world.apiKeys.resolve(secret, '127.0.0.1')),
    }
  } finally {
    await db.destroy()
    await rm(folder, { recursive: true, force: true })
  }
}

async function costOf(resolve: () => Promise<Actor>): Promise<number> {
  const ask = async (calls: number) => {
    for (let call = 0; call < calls; call++) {
      const actor = await resolve()
      requireAccess('gateways:read', actor, true)
      const scope = scopeOf(actor)
      if (scope.all || scope.within === null) throw new Error('rights end at some groups here')
    }
  }
  await ask(CALLS / 10)
  const startedAt = performance.now()
  await ask(CALLS)
  return ((performance.now() - startedAt) * 1_000) / CALLS
}

/** A tenant with a tree of groups, and people whose rights end at some of them. */
async function openWorld(db: Awaited<ReturnType<typeof openSiteDb>>) {
  const clock = systemClock
  const log = pino({ level: 'silent' })
  const audit = new AuditService(db, clock, () => new Uint8Array(32))
  const tenants = new TenantsService(db, clock)
  const hashes = new PasswordHashes(() => new Uint8Array(32))
  const passwordHash = await hashes.make(PASSWORD)
  await db.transaction().execute(async (trx) => {
    const tenantId = (await tenants.create(trx, { slug: 'bench', name: 'Bench' })).id
    for (let index = 0; index < GROUPS; index++) {
      const parentId = index === 0 ? null : `g${Math.floor((index - 1) / 3)}`
      await trx
        .insertInto('groups')
        .values({ id: `g${index}`, tenantId, parentId, name: `g${index}`, createdAt: 0 })
        .execute()
    }
    for (let index = 0; index < PEOPLE; index++) {
      const id = `u${index}`
      const email = `person-${index}@example.com`
      const user = {
        id,
        email,
        name: id,
        passwordHash,
        siteAdmin: 0 as const,
        state: 'active' as const,
        createdAt: 0,
      }
      await trx.insertInto('users').values(user).execute()
      const membership = { userId: id, tenantId, roleId: 'operator', reach: 'groups' as const, createdAt: 0 }
      await trx.insertInto('memberships').values(membership).execute()
      await trx
        .insertInto('membershipGroups')
        .values({ userId: id, tenantId, groupId: `g${index % GROUPS}` })
        .execute()
    }
  })
  await tenants.loadGroups()
  const actors = new ActorLookup({ db, tenants })
  const sealer = () => new Sealer(new SiteKey(Buffer.alloc(32)))
  const secondFactors = new SecondFactors({ db, clock, sealer, siteName: () => 'Bench' })
  const identity = new IdentityService({
    db,
    clock,
    log,
    audit,
    actors,
    hashes,
    secondFactors,
    lockAfter: () => null,
  })
  const key = () => ({ secret: new Uint8Array(32).fill(1), issuer: 'bench' })
  return {
    identity,
    tokens: new TokensService({ db, clock, audit, identity, actors, tenants, key }),
    apiKeys: new ApiKeysService({ db, clock, log, audit, actors, tenants }),
  }
}
