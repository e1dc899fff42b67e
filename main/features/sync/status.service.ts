import type { CloudView } from '#contract/api/cloud.ts'
import { ExpectedError } from '#contract/errors.ts'
import type {
  CloudBacklog,
  CloudDeleted,
  CloudState,
  CloudStatus,
  CloudSweep,
  CloudTenantState,
  CodedProblem,
} from '#contract/model/cloud.ts'
import type { Clock } from '#platform/clock/clock.ts'
import type { SiteDb } from '#platform/db/site-db.ts'
import type { TelemetryBacklog, TelemetryPart } from './cloud-parts.ts'
import { needsAPerson } from './link/backoff.ts'
import type { CloudLink, LinkView } from './link/cloud-link.ts'
import { addressOf } from './link/cloud-login.ts'
import * as repository from './link/link.repository.ts'
import { BEHIND } from './link/sync-state.ts'
import type { Traffic } from './link/traffic.ts'
import { limitsOf } from './link-settings.service.ts'

export interface CloudStatusDependencies {
  db: SiteDb
  clock: Clock
  link: CloudLink
  telemetry: TelemetryPart
  traffic: Traffic
  /** What leaving deleted in the cloud; null: this site has not left one since it was started. */
  left(): CloudDeleted | null
}

/** The backlog of a moment ago will do, ms. */
const COUNTED_FOR = 250

/** What the status bar shows. */
export interface CloudPulse {
  state: CloudState
  backlogReadings: number | null
  backlogSeconds: number
}

/** How the link is, in one look. */
export class CloudStatusService {
  readonly #dependencies: CloudStatusDependencies
  #counted: { at: number; backlog: Promise<TelemetryBacklog> } | null = null

  constructor(dependencies: CloudStatusDependencies) {
    this.#dependencies = dependencies
  }

  async show(): Promise<CloudView> {
    const row = await repository.linkRow(this.#dependencies.db)
    if (row === undefined) return { joined: false, left: this.#dependencies.left() }
    return { joined: true, status: await this.#status(row) }
  }

  /** @throws ExpectedError `cloud_not_joined` */
  async status(): Promise<CloudStatus> {
    const view = await this.show()
    if (!view.joined) throw new ExpectedError('cloud_not_joined')
    return view.status
  }

  /** What a person must mend: the link, or a tenant of which nothing is sent. Nothing is asked where all is well. */
  async troubles(): Promise<{ tenant: string | null; since: number; problem: CodedProblem }[]> {
    const { db, link } = this.#dependencies
    const { state, since, problem, session } = link.view
    const found = []
    if (problem !== null && (state === 'stopped' || needsAPerson(problem.code)))
      found.push({ tenant: null, since, problem })
    if (session === null || session.problems.size === 0) return found
    for (const { tenantId, name, lastSuccessAt } of await repository.namedTenants(db)) {
      const why = session.problems.get(tenantId)
      if (why !== undefined) found.push({ tenant: name, since: lastSuccessAt ?? since, problem: why })
    }
    return found
  }

  /** Null where the site has not joined. */
  async pulse(): Promise<CloudPulse | null> {
    const { db, clock, link } = this.#dependencies
    if ((await repository.linkRow(db)) === undefined) return null
    const backlog = await this.#backlog()
    const oldest = backlog.readings === 0 ? null : backlog.oldestAt
    return {
      state: await this.#state(link.view, backlog),
      backlogReadings: backlog.readings,
      backlogSeconds: oldest === null ? 0 : Math.max(0, Math.round((clock.now() - oldest) / 1000)),
    }
  }

  async #status(row: repository.LinkRow): Promise<CloudStatus> {
    const { db, link, traffic } = this.#dependencies
    const view = link.view
    const [waiting, sweeps, tenants, counted] = await Promise.all([
      repository.waitingObjects(db),
      repository.recentSweeps(db),
      this.#tenants(),
      this.#backlog(),
    ])
    const objects = [...waiting.values()].reduce((sum, count) => sum + count, 0)
    const backlog = { readings: counted.readings, oldestAt: counted.oldestAt, objects }
    const { session } = view
    const lastSuccessAt = newest([row.lastSuccessAt, ...tenants.map((tenant) => tenant.lastSuccessAt)])
    return {
      address: addressOf(row),
      siteName: row.siteName,
      state: await this.#state(view, backlog),
      problem: view.problem,
      retryAt: view.retryAt,
      joinedAt: row.joinedAt,
      joinedByName: row.joinedByName,
      leaving: row.leavingAt === null ? null : deletedSoFar(row),
      lastContactAt: newest([row.lastContactAt, lastSuccessAt]),
      lastSuccessAt,
      ...traffic.rates(performance.now()),
      backlog,
      limits: limitsOf(row),
      tenants,
      sweeps: sweeps.map(sweepView),
      deadLetters: total(await repository.deadLetterCounts(db)),
      conflicts: total(await repository.openConflictCounts(db)),
      clockOffset: session?.clockOffset ?? null,
      server: session?.server
        ? {
            version: session.server.version,
            storage: session.server.storage,
            schemaVersion: session.server.schemaVersion,
          }
        : null,
    }
  }

  /** Live is only what has sent everything, readings and fleet, but the newest seconds. */
  async #state(view: LinkView, { oldestAt }: Pick<CloudBacklog, 'oldestAt'>): Promise<CloudState> {
    if (view.state !== 'live') return view.state
    const { db, clock } = this.#dependencies
    const waitsSince = Math.min(oldestAt ?? Infinity, (await repository.oldestObject(db)) ?? Infinity)
    const isBehind = clock.now() - waitsSince > BEHIND || (await repository.isCatchingUp(db))
    return isBehind ? 'catching_up' : 'live'
  }

  async #tenants(): Promise<CloudTenantState[]> {
    const { db, link } = this.#dependencies
    const [rows, objects, deadLetters, conflicts, backlog] = await Promise.all([
      repository.namedTenants(db),
      repository.waitingObjects(db),
      repository.deadLetterCounts(db),
      repository.openConflictCounts(db),
      this.#backlog(),
    ])
    const problems = link.view.session?.problems
    return rows.map((row) => {
      const waiting = backlog.perTenant.get(row.tenantId)
      return {
        tenantId: row.tenantId,
        slug: row.slug,
        name: row.name,
        mode: row.mode ?? 'off',
        fromAt: row.fromAt,
        linkedWith: row.cloudTenantId === row.tenantId ? null : row.cloudTenantId,
        backlog: {
          readings: waiting ? waiting.readings : 0,
          oldestAt: waiting?.oldestAt ?? null,
          objects: objects.get(row.tenantId) ?? 0,
        },
        readingsSent: row.readingsSent ?? 0,
        bytesSent: row.bytesSent ?? 0,
        readingsLost: row.readingsLost ?? 0,
        deadLetters: deadLetters.get(row.tenantId) ?? 0,
        conflicts: conflicts.get(row.tenantId) ?? 0,
        lastSuccessAt: row.lastSuccessAt,
        problem: problems?.get(row.tenantId) ?? null,
      }
    })
  }

  #backlog(): Promise<TelemetryBacklog> {
    const now = performance.now()
    if (this.#counted === null || now - this.#counted.at > COUNTED_FOR)
      this.#counted = { at: now, backlog: this.#dependencies.telemetry.backlog() }
    return this.#counted.backlog
  }
}

export function sweepView(row: Awaited<ReturnType<typeof repository.recentSweeps>>[number]): CloudSweep {
  const { id, kind, tenantId, fromTs, toTs, total: all, sent, createdAt, endedAt } = row
  const { compared, mended, onlyThere, onlyThereDays, newerThere } = row
  return {
    id,
    kind,
    tenantId,
    fromTs,
    toTs,
    total: all,
    sent,
    compared,
    mended,
    onlyThere,
    onlyThereDays,
    newerThere,
    createdAt,
    endedAt,
  }
}

function deletedSoFar({ deletedReadings, deletedObjects }: repository.LinkRow): CloudDeleted {
  return { deletedReadings, deletedObjects }
}

function newest(times: readonly (number | null)[]): number | null {
  const known = times.filter((time) => time !== null)
  return known.length === 0 ? null : Math.max(...known)
}

function total(counts: ReadonlyMap<unknown, number>): number {
  return [...counts.values()].reduce((sum, count) => sum + count, 0)
}
