import { join } from 'node:path'
import type { Broker } from '#broker/port.ts'
import { type Procedures, requireReach, scopeOf } from '#features/access/index.ts'
import type { AuditService } from '#features/audit/index.ts'
import type { CalculationsService } from '#features/calculations/index.ts'
import type { BundlesService } from '#features/firmware/index.ts'
import type { FleetService, FleetState, PresenceRecorder } from '#features/fleet/index.ts'
import type { IdentityService } from '#features/identity/index.ts'
import type { LimitsService } from '#features/limits/index.ts'
import type { Pki } from '#features/pki/index.ts'
import {
  createPrivacyRouter,
  DELETED_PERSON,
  DELETION_GRACE,
  type ErasedPerson,
  PersonErasure,
  PrivacyExports,
  personExportJob,
  TenantDeletions,
  type TenantErasureEffects,
  tenantDeletionJob,
  tenantExportJob,
} from '#features/privacy/index.ts'
import type { RetentionService } from '#features/retention/index.ts'
import type { TelemetryService } from '#features/telemetry/index.ts'
import type { TenantsService } from '#features/tenants/index.ts'
import type { Clock } from '#platform/clock/clock.ts'
import { rewriteFile, rewriteSiteDb } from '#platform/db/rewrite-files.ts'
import type { SiteDb } from '#platform/db/site-db.ts'
import type { Historian } from '#platform/historian/historian.ts'
import type { Log } from '#platform/log/log.ts'
import type { BrokerPolicy } from './broker-link.ts'
import type { FlashingServices } from './flashing-services.ts'
import type { createJobServices } from './job-services.ts'
import type { MqttServices } from './mqtt-services.ts'
import type { PeopleServices } from './people-services.ts'
import type { createTenantServices } from './tenant-services.ts'

export interface PrivacyServicesDependencies {
  dataDir: string
  db: SiteDb
  clock: Clock
  log: Log
  audit: AuditService
  identity: IdentityService
  tenants: TenantsService
  pki: Pki
  historian: Historian
  broker: Broker
  policy: BrokerPolicy
  state: FleetState
  fleet: FleetService
  presence: PresenceRecorder
  limits: LimitsService
  retention: RetentionService
  telemetry: TelemetryService
  calculations: CalculationsService
  mqtt: MqttServices
  people: PeopleServices
  transfers: ReturnType<typeof createJobServices>
  flashing: Pick<FlashingServices, 'forgetTenant'>
  firmware: { bundles: Pick<BundlesService, 'forgetTenant'> }
  tenantServices: ReturnType<typeof createTenantServices>
  /** ms between the wish to delete a tenant and the deed; null: 14 days. */
  deletionGrace: number | null
}

/** Exports of all data about a person or a tenant, and deleting them. */
export function createPrivacyServices(dependencies: PrivacyServicesDependencies, procedures: Procedures) {
  const { db, clock, audit, identity, tenants, pki, transfers, tenantServices } = dependencies
  const { runner, jobs, exports: readings } = transfers
  const people = new PersonErasure({
    db,
    clock,
    audit,
    identity,
    pki,
    gone: (person) => personGone(dependencies, person),
  })
  const exports = new PrivacyExports({ jobs: runner, audit, tenants, people })
  const deletions = new TenantDeletions({
    db,
    clock,
    audit,
    tenants,
    jobs: runner,
    grace: dependencies.deletionGrace ?? DELETION_GRACE,
    effects: tenantServices.effects,
  })
  runner.register('privacy.own_export', personExportJob({ db, clock }, { isOwn: true }))
  runner.register('privacy.user_export', personExportJob({ db, clock }, { isOwn: false }))
  runner.register('privacy.tenant_export', tenantExportJob({ db, clock, exports: readings }))
  runner.register(
    'privacy.tenant_deletion',
    tenantDeletionJob({ db, clock, audit, pki, people, effects: erasureEffects(dependencies) }),
  )
  jobs.guard('privacy.user_export', (actor, params) => people.requireAccount(actor, String(params.userId)))
  jobs.guard('privacy.tenant_export', (actor, params) => {
    requireReach('tenant', actor)
    return tenants.resolve(scopeOf(actor), String(params.tenantId))
  })
  return {
    deletions,
    router: createPrivacyRouter(procedures, {
      exports,
      people,
      deletions,
      details: tenantServices.details,
      viewJob: (job) => jobs.view(job),
    }),
  }
}

async function personGone(
  { identity, people, mqtt, fleet, calculations, transfers }: PrivacyServicesDependencies,
  { userId, sessionIds, gatewayIds, mqttClientIds }: ErasedPerson,
): Promise<void> {
  for (const sessionId of sessionIds) identity.sessions.ended.emit({ sessionId })
  people.accountChanged.emit({ userId, what: 'deleted' })
  for (const id of mqttClientIds) await mqtt.policies.publish(id)
  for (const id of gatewayIds) {
    await fleet.refresh(id)
    await fleet.publishPolicy(id)
  }
  await transfers.runner.deleteAll(
    ({ kind, params }) => kind.startsWith('privacy.') && params.userId === userId,
  )
  await transfers.runner.forgetCreator(userId, DELETED_PERSON)
  // Their name is in what memory has of the formulas.
  await calculations.start()
}

function erasureEffects(dependencies: PrivacyServicesDependencies): TenantErasureEffects {
  const { broker, fleet, state, presence, limits, telemetry, calculations, historian } = dependencies
  const { firmware, flashing, mqtt, policy, retention, tenants, transfers } = dependencies
  return {
    endJobs: async (tenantId) => {
      await flashing.forgetTenant(tenantId)
      await firmware.bundles.forgetTenant(tenantId)
      await transfers.runner.deleteAll((job) => job.tenantId === tenantId)
    },
    silenceGateway: async (gatewayId) => {
      await fleet.publishPolicy(gatewayId)
      await broker.forget(gatewayId)
    },
    forgetInMemory: async (tenantId, gatewayIds) => {
      // What the broker told until now is written, and deleted with the rest.
      await Promise.all([presence.stop(), limits.stop()])
      state.remove(new Set(gatewayIds))
      telemetry.forgetTenant(tenantId)
      calculations.forgetTenant(tenantId)
    },
    eraseReadings: (of) => historian.eraseSeries(of),
    gatewayGone: (gatewayId) => fleet.publishPolicy(gatewayId),
    clientGone: (id) => mqtt.policies.publish(id),
    tenantGone: async (tenantId) => {
      await policy.applyPolicy([{ op: 'remove_tenant', tenantId }])
      await tenants.loadGroups()
      await retention.tenantsChanged()
      await mqtt.policies.reconcile()
    },
    scrub: () => scrub(dependencies),
  }
}

/** Files of more bytes keep what deleted rows left in the free parts of their pages, until new rows take these. */
const MOST_REWRITTEN = 512 * 1024 ** 2

/** Both stores are written anew, without free pages, and their logs cut. */
async function scrub({ db, dataDir, log }: PrivacyServicesDependencies): Promise<void> {
  if (!(await rewriteSiteDb(db, MOST_REWRITTEN)))
    log.warn('the site store is too large to be written anew: deleted rows are overwritten in place')
  try {
    rewriteFile(join(dataDir, 'broker.sqlite'))
  } catch (err) {
    // Nothing of it is found any more, and pages are used again.
    log.warn({ err }, 'the store of MQTT sessions was not written anew')
  }
}
