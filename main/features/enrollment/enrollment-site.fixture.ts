import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TenantScope } from '#features/access/index.ts'
import { AuditDraft, AuditService } from '#features/audit/index.ts'
import { FleetService, FleetState, type GatewayPolicyChange } from '#features/fleet/index.ts'
import { Pki, parseRevocationReason } from '#features/pki/index.ts'
import { TenantsService } from '#features/tenants/index.ts'
import { openSiteDb, type SiteDb } from '#platform/db/site-db.ts'
import { Sealer } from '#platform/secrets/sealing.ts'
import { SiteKey } from '#platform/secrets/site-key.ts'
import type { BrokerDirectory } from './broker-directory.ts'
import { CredentialsService } from './credentials.service.ts'
import { EnrollmentService } from './enrollment.service.ts'
import type { EnrollmentOrder } from './order.ts'

export const START = Date.UTC(2026, 10, 2, 8)

/** A site with two tenants, `north` and `south`, on a real store with a real certificate authority. */
export interface EnrollmentSite {
  dir: string
  db: SiteDb
  /** Moves when a test says so. */
  clock: { now(): number; at: number }
  pki: Pki
  sealer(): Sealer
  audit: AuditService
  tenants: TenantsService
  fleet: FleetService
  state: FleetState
  credentials: CredentialsService
  enrollment: EnrollmentService
  directory: BrokerDirectory
  /** What the broker was told, newest last. */
  published: GatewayPolicyChange[]
  /** Gateways whose commands are to be delivered anew. */
  queued: string[]
  draft(action?: string): AuditDraft
  enroll(order: Partial<EnrollmentOrder>, scope?: TenantScope): ReturnType<EnrollmentService['enroll']>
  close(): Promise<void>
}

export async function enrollmentSite(): Promise<EnrollmentSite> {
  const dir = await mkdtemp(join(tmpdir(), 'mw-enrollment-'))
  const db = await openSiteDb(join(dir, 'site.sqlite'))
  const clock = {
    at: START,
    now() {
      return this.at
    },
  }
  const sealer = new Sealer(new SiteKey(randomBytes(32)))
  const pki = new Pki({ db, sealer })
  await pki.start(START)
  const prepared = await pki.prepareAuthorities({ siteName: 'Plant 1', names: ['plant1.local'], now: START })
  await db.transaction().execute((trx) => pki.storeAuthorities(trx, prepared))
  const audit = new AuditService(db, clock, () => new Uint8Array(32))
  const tenants = new TenantsService(db, clock)
  const state = new FleetState()
  const published: GatewayPolicyChange[] = []
  const queued: string[] = []
  const fleet = new FleetService({
    db,
    clock,
    audit,
    tenants,
    state,
    policy: { applyPolicy: async (changes) => void published.push(...changes) },
    revoker: {
      revokeIn: async (trx, gatewayId, reason, now) => {
        await pki.revokeCertificates(trx, gatewayId, parseRevocationReason(reason), now)
        await pki.revokeSecrets(trx, gatewayId, now)
      },
      afterRevocation: async () => void (await pki.eraseTrail()),
    },
  })
  for (const id of ['north', 'south'])
    await db
      .insertInto('tenants')
      .values({ id, slug: id, name: id, state: 'active', createdAt: START })
      .execute()
  const directory: BrokerDirectory = {
    hosts: () => ['plant1.local'],
    portFor: (credential) => (credential === 'secret' ? 8884 : 8883),
    siteName: () => 'Plant 1',
    clientIdOf: ({ mac, id }) => mac?.replaceAll(':', '') ?? id,
    topicsOf: ({ mac, id }) => ({ telemetry: `mw/${mac?.replaceAll(':', '') ?? id}/telemetry` }),
    usernameOf: () => null,
    wiringOf: ({ dialect }) => ({
      dialect: { name: dialect, title: dialect },
      topics: [],
      example: null,
    }),
    signInOf: (_gateway, handover) => ({
      mqtt_username: null,
      mqtt_password: handover.kind === 'secret' ? handover.secret : null,
    }),
  }
  const credentials = new CredentialsService({ db, clock, audit, fleet, pki, directory })
  const naming = { requireDialect: () => {}, requireNames: async () => {} }
  const enrollment = new EnrollmentService({
    db,
    clock,
    audit,
    tenants,
    fleet,
    pki,
    credentials,
    directory,
    naming,
    commandsQueued: (gatewayId) => void queued.push(gatewayId),
  })
  const draft = (action = 'gateway.provision') =>
    new AuditDraft({
      actor: { kind: 'local', id: null, name: 'local' },
      action,
      address: '',
      requestId: null,
    })
  return {
    dir,
    db,
    clock,
    pki,
    sealer: () => sealer,
    audit,
    tenants,
    fleet,
    state,
    credentials,
    enrollment,
    directory,
    published,
    queued,
    draft,
    enroll: (order, scope = { all: true }) =>
      enrollment.enroll({ ...plainOrder, ...order }, scope, draft(), async () => undefined),
    close: async () => {
      await pki.stop()
      await db.destroy()
      await rm(dir, { recursive: true, force: true })
    },
  }
}

/** An order that says nothing but the tenant. */
export const plainOrder: EnrollmentOrder = {
  mac: null,
  code: null,
  name: null,
  tenant: 'north',
  group: undefined,
  profile: undefined,
  label: undefined,
  dialect: undefined,
  credential: undefined,
  keyAlgorithm: undefined,
  replace: false,
  reason: 'claimed',
}
