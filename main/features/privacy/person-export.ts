import { sql } from 'kysely'
import { ExpectedError } from '#contract/errors.ts'
import type { JobData } from '#contract/model/job.ts'
import { selectAuditEntries, toAuditEntry } from '#features/audit/index.ts'
import type { Clock } from '#platform/clock/clock.ts'
import type { SiteDb } from '#platform/db/site-db.ts'
import type { JobContext, JobKind } from '#platform/jobs/job-kind.ts'
import { ExportZip } from './export-zip.ts'
import { inPages } from './plain-json.ts'

export interface PersonExportParams {
  userId: string
}

/** Everything that the site holds about one person. `isOwn`: asked for by that person. */
export function personExportJob(
  { db, clock }: { db: SiteDb; clock: Clock },
  { isOwn }: { isOwn: boolean },
): JobKind {
  return {
    permission: isOwn ? 'signed_in' : 'users:write',
    isPrivate: true,
    afterCrash: 'resume',
    takesInput: false,
    shown: () => ({}),
    run: (params, context) => run({ db, clock }, params as unknown as PersonExportParams, context),
  }
}

async function run(
  { db, clock }: { db: SiteDb; clock: Clock },
  { userId }: PersonExportParams,
  context: JobContext,
): Promise<JobData> {
  const user = await db
    .selectFrom('users')
    .select([
      'id',
      'email',
      'username',
      'name',
      'siteAdmin',
      'state',
      'createdAt',
      'lastLoginAt',
      'passwordChangedAt',
    ])
    .where('id', '=', userId)
    .executeTakeFirst()
  if (!user) throw new ExpectedError('not_found', { what: 'user', id: userId })
  const zip = new ExportZip('All data that this site holds about one person.')
  zip.addRows('profile.json', 'who the person is on this site', () => [
    { ...user, siteAdmin: user.siteAdmin === 1 },
  ])
  for (const [name, what, rows] of aboutAccount(db, userId)) zip.addRows(name, what, () => later(rows))
  for (const [name, what, rows] of madeBy(db, userId)) zip.addRows(name, what, () => later(rows))
  zip.addRows('audit-by.json', 'what the person did and tried, as the audit holds it', () =>
    auditOf(db, userId, 'by'),
  )
  zip.addRows('audit-about.json', 'what others did to the account; who they are is not told', () =>
    auditOf(db, userId, 'about'),
  )
  const day = new Date(clock.now()).toISOString().slice(0, 10)
  return { ...(await zip.write(context, `personal-data-${day}.zip`, clock.now())) }
}

type File = [name: string, what: string, rows: () => Promise<object[]>]

function aboutAccount(db: SiteDb, userId: string): File[] {
  return [
    [
      'memberships.json',
      'the tenants that the person belongs to, and as what',
      () =>
        db
          .selectFrom('memberships')
          .innerJoin('tenants', 'tenants.id', 'memberships.tenantId')
          .innerJoin('roles', 'roles.id', 'memberships.roleId')
          .select([
            'memberships.tenantId',
            'tenants.name as tenant',
            'roles.name as role',
            'memberships.reach',
            'memberships.createdAt',
            'memberships.invitedAt',
            'memberships.invitedName',
            sql<string>`(select json_group_array(groups.name) from membershipGroups join groups
              on groups.id = membershipGroups.groupId where membershipGroups.userId = memberships.userId
              and membershipGroups.tenantId = memberships.tenantId)`.as('groups'),
          ])
          .where('memberships.userId', '=', userId)
          .execute(),
    ],
    [
      'sessions.json',
      'where the person is signed in',
      () =>
        db
          .selectFrom('sessions')
          .select(['id', 'kind', 'createdAt', 'lastSeenAt', 'expiresAt', 'address', 'userAgent'])
          .where('userId', '=', userId)
          .execute(),
    ],
    [
      'sign-in-networks.json',
      'networks that the person signed in from',
      () =>
        db.selectFrom('signInNetworks').select(['network', 'lastAt']).where('userId', '=', userId).execute(),
    ],
    [
      'sign-on-identities.json',
      'accounts elsewhere that the person signs in with',
      () =>
        db
          .selectFrom('signOnIdentities')
          .innerJoin('signOnProviders', 'signOnProviders.id', 'signOnIdentities.providerId')
          .select([
            'signOnProviders.name as provider',
            'signOnIdentities.subject',
            'signOnIdentities.createdAt',
          ])
          .where('signOnIdentities.userId', '=', userId)
          .execute(),
    ],
    [
      'second-factor.json',
      'since when there is a second factor; its secret is not told',
      () =>
        db
          .selectFrom('secondFactors')
          .select(['createdAt', 'confirmedAt'])
          .where('userId', '=', userId)
          .execute(),
    ],
    [
      'invitations.json',
      'links that were made for the person',
      () =>
        db
          .selectFrom('invitations')
          .select(['id', 'kind', 'tenantId', 'createdAt', 'expiresAt', 'usedAt'])
          .where('userId', '=', userId)
          .execute(),
    ],
    [
      'api-keys.json',
      'API keys of the person, and those that the person made for others',
      () =>
        db
          .selectFrom('apiKeys')
          .select([
            'id',
            'tenantId',
            'name',
            'prefix',
            'scopes',
            'createdAt',
            'expiresAt',
            'lastUsedAt',
            'lastUsedAddress',
            'revokedAt',
          ])
          .where((eb) => eb.or([eb('ownerUserId', '=', userId), eb('createdById', '=', userId)]))
          .execute(),
    ],
    [
      'mqtt-clients.json',
      'MQTT clients of the person, and those that the person made for others',
      () =>
        db
          .selectFrom('mqttClients')
          .select([
            'id',
            'tenantId',
            'name',
            'username',
            'rights',
            'topics',
            'prefix',
            'state',
            'createdAt',
            'expiresAt',
            'lastConnectedAt',
            'lastAddress',
          ])
          .where((eb) => eb.or([eb('ownerUserId', '=', userId), eb('createdById', '=', userId)]))
          .execute(),
    ],
  ]
}

function madeBy(db: SiteDb, userId: string): File[] {
  return [
    [
      'gateways.json',
      'gateways that belong to the person',
      () =>
        db
          .selectFrom('gateways')
          .select([
            'id',
            'tenantId',
            'code',
            'label',
            'name',
            'mac',
            'state',
            'createdAt',
            'claimedAt',
            'lastSeenAt',
          ])
          .where('ownerUserId', '=', userId)
          .execute(),
    ],
    [
      'views.json',
      'trends and dashboards of the person',
      () =>
        db
          .selectFrom('views')
          .select(['id', 'kind', 'name', 'tenantId', 'shared', 'content', 'createdAt', 'updatedAt'])
          .where('ownerUserId', '=', userId)
          .execute(),
    ],
    [
      'annotations.json',
      'notes that the person wrote',
      () => db.selectFrom('annotations').selectAll().where('authorUserId', '=', userId).execute(),
    ],
    [
      'jobs.json',
      'jobs that the person started',
      () =>
        db
          .selectFrom('jobs')
          .select([
            'id',
            'kind',
            'tenantId',
            'subject',
            'state',
            'createdAt',
            'endedAt',
            'fileName',
            'fileBytes',
          ])
          .where('createdById', '=', userId)
          .execute(),
    ],
  ]
}

async function* auditOf(db: SiteDb, userId: string, which: 'by' | 'about'): AsyncGenerator<object> {
  const rows = inPages((after: { seq: number } | null, limit) => {
    const found = selectAuditEntries(db, { tenantId: null })
      .where('auditEntries.seq', '>', after?.seq ?? 0)
      .orderBy('auditEntries.seq')
      .limit(limit)
    return which === 'by'
      ? found.where('auditEntries.actorId', '=', userId).execute()
      : found
          .where((eb) =>
            eb.or([
              eb('auditEntries.subjectId', '=', userId),
              eb.and([eb('auditEntries.objectId', '=', userId), eb('auditEntries.objectKind', '=', 'user')]),
            ]),
          )
          .where((eb) =>
            eb.or([eb('auditEntries.actorId', 'is', null), eb('auditEntries.actorId', '!=', userId)]),
          )
          .execute()
  })
  for await (const row of rows) {
    const entry = toAuditEntry(row)
    // Others have data of their own.
    yield which === 'by' ? entry : { ...entry, actor: { kind: entry.actor.kind }, address: null }
  }
}

async function* later(rows: () => Promise<object[]>): AsyncGenerator<object> {
  yield* await rows()
}
