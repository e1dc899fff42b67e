import type { CloudSession } from '#features/sync/cloud-session.ts'
import type { Clock } from '#platform/clock/clock.ts'
import type { SiteDb, SiteTrx } from '#platform/db/site-db.ts'
import type { Log } from '#platform/log/log.ts'
import type { CloudLink } from './cloud-sql.ts'
import { ConflictChoice, listConflicts, type RecordChoice } from './conflict-choice.ts'
import { type Entities, entitiesWith } from './entities/index.ts'
import { tellSettled } from './exchange-conflicts.ts'
import { feedState, TakenAhead } from './feed.ts'
import { type FleetExchange, type FleetRun, loadNames } from './fleet-run.ts'
import type { FleetTargets } from './fleet-targets.ts'
import { forgetGone } from './forget-gone.ts'
import type { GatewayAccess } from './gateway-access.ts'
import { OutboxWatch } from './outbox-watch.ts'
import { pullChanges } from './pull.ts'
import { pushOutbox } from './push.ts'
import { pushAudit } from './push-audit.ts'
import { LastSeen } from './push-last-seen.ts'
import { forgetTenant, queueAfterUpdate, queueAll } from './queue-all.ts'
import { resendAll } from './restored-cloud.ts'
import { retryObjects } from './retry-objects.ts'
import { adoptTenants } from './shared-tenants.ts'

export interface FleetSyncDependencies {
  db: SiteDb
  clock: Clock
  log: Log
  targets: FleetTargets
  access: GatewayAccess
  /** Of Millwright. */
  version: string
}

/**
 * The fleet on both sides: what changes here goes up by the outbox, what changes there comes down by the feed. Fields that both
 * sides change are merged when they are sent, so a site sends before it takes.
 */
export class FleetSync {
  readonly #dependencies: FleetSyncDependencies
  readonly #entities: Entities
  readonly #watch: OutboxWatch
  readonly #choice: ConflictChoice
  /** Of the cloud that the site is linked with now. */
  #lastSeen = new LastSeen()
  #ahead = new TakenAhead()

  constructor(dependencies: FleetSyncDependencies) {
    this.#dependencies = dependencies
    this.#entities = entitiesWith(dependencies.access)
    this.#watch = new OutboxWatch(dependencies.db)
    this.#choice = new ConflictChoice({ ...dependencies, entities: this.#entities })
  }

  /** Begins to look at the outbox. */
  start(): void {
    this.#watch.start()
  }

  stop(): void {
    this.#watch.stop()
  }

  /** After a commit that put something into the outbox; within a second. */
  get changed() {
    return this.#watch.changed
  }

  /**
   * Sends what waits, then takes what is new. What either side refuses is set aside, and nothing waits behind it.
   * @throws what the link fails with
   */
  async exchange(link: CloudLink, session: CloudSession, signal: AbortSignal): Promise<FleetExchange> {
    const { db, clock, log, targets, version } = this.#dependencies
    const names = await loadNames(db, session.siteId, session.tenants)
    const done: FleetExchange = { sent: 0, applied: 0, conflicts: 0, refused: 0, auditEntries: 0, heldFor: 0 }
    const run: FleetRun = {
      db,
      clock,
      log,
      targets,
      link,
      session,
      signal,
      names,
      done,
      isRestored: false,
      cloudClock: { now: clock.now(), ahead: 0 },
      entities: this.#entities,
    }
    const feed = await feedState(run)
    if (feed.isRestored) await resendAll(run)
    await queueAfterUpdate(db, version, clock.now())
    await retryObjects(run)
    await adoptTenants(run)
    await pushOutbox(run)
    await pullChanges(run, feed, { adopt: () => adoptTenants(run), ahead: this.#ahead })
    // What the site made of the cloud's changes, and what it refused while not all of them were here.
    await pushOutbox(run)
    await tellSettled(run)
    await pushAudit(run)
    await this.#lastSeen.push(run)
    await forgetGone(run)
    return done
  }

  /** Everything of a tenant is to be sent, and looked at in the cloud: its mode was turned on. */
  async queueAll(tenantId: string, trx: SiteTrx): Promise<void> {
    await queueAll(trx, tenantId, this.#dependencies.clock.now())
  }

  /** Nothing of a tenant is to be sent any more. */
  async forget(tenantId: string, trx: SiteTrx): Promise<void> {
    await forgetTenant(trx, tenantId)
  }

  /** The site has left its cloud. */
  async forgetAll(trx: SiteTrx): Promise<void> {
    for (const table of ['cloudOutbox', 'cloudVersions', 'cloudConflicts'] as const)
      await trx.deleteFrom(table).execute()
    await trx.deleteFrom('cloudDeadLetters').where('kind', '=', 'object').execute()
    this.#lastSeen = new LastSeen()
    this.#ahead = new TakenAhead()
  }

  /** Objects that wait, by tenant. */
  async waiting(): Promise<Map<string, number>> {
    const rows = await this.#dependencies.db
      .selectFrom('cloudOutbox')
      .select(['tenantId', ({ fn }) => fn.countAll<number>().as('count')])
      .groupBy('tenantId')
      .execute()
    return new Map(rows.map(({ tenantId, count }) => [tenantId ?? '', count]))
  }

  conflicts(query: Parameters<typeof listConflicts>[1]) {
    return listConflicts(this.#dependencies.db, query)
  }

  /**
   * The value that lost is set here, as a new change of a person.
   * @param by `targets`: with that person's audit; the site's own where left out
   * @throws ExpectedError `not_found`, `cloud_not_joined`; what the service refuses
   */
  useOther(
    conflictId: string,
    by: { byName: string; targets?: FleetTargets; record?: RecordChoice },
  ): Promise<void> {
    return this.#choice.useOther(conflictId, { targets: this.#dependencies.targets, ...by })
  }

  /** It stays as it is. @throws ExpectedError `not_found` */
  dismiss(conflictId: string, byName: string, record?: RecordChoice): Promise<void> {
    return this.#choice.dismiss(conflictId, byName, record)
  }
}
