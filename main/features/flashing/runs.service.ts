import { ExpectedError } from '#contract/errors.ts'
import type { BenchRun, BenchSetup } from '#contract/model/flash.ts'
import type { Actor } from '#features/access/index.ts'
import { auditActor, isWhole, type TenantScope } from '#features/access/index.ts'
import type { AuditDraft, AuditService } from '#features/audit/index.ts'
import { gatewaysRepository } from '#features/fleet/index.ts'
import { findGroup, type TenantsService } from '#features/tenants/index.ts'
import type { Clock } from '#platform/clock/clock.ts'
import type { SiteDb } from '#platform/db/site-db.ts'
import { Topic } from '#platform/events/topic.ts'
import { uuid7 } from '#platform/ids/uuid7.ts'
import type { FirmwareSource } from './bench-port.ts'
import {
  type BenchRunRow,
  insertRun,
  listRuns,
  liveRuns,
  runById,
  runNames,
  updateRun,
} from './bench-runs.repository.ts'
import { jobsOfRun } from './flash-jobs.repository.ts'
import { nextNumber } from './naming-pattern.ts'
import { type GivenName, peekNames } from './run-names.ts'
import { checkSetup } from './run-setup.ts'
import { countsOf, secondsLeft } from './run-tally.ts'
import type { WifiService } from './wifi.service.ts'

export interface RunsDependencies {
  db: SiteDb
  clock: Clock
  audit: AuditService
  tenants: TenantsService
  firmware: FirmwareSource
  wifi: Pick<WifiService, 'require'>
  /** The profile's name. @throws ExpectedError `not_found` */
  profileName(tenantId: string, reference: string): Promise<string>
  /** @throws ExpectedError `quota_gateways` where a tenant may have no more gateways */
  requireRoom(tenantId: string): Promise<void>
  /** `2026-11-21`, as the plant's calendar says. */
  today(): string
}

export type SetupInput = BenchSetup & { tenant?: string | undefined }

interface Checked {
  tenant: { id: string; name: string }
  groupId: string | null
  setup: BenchSetup
  facts: BenchRun['facts']
  chips: string[]
  nextNumber: number
}

/** Names shown before a run begins. */
const PREVIEWED = 5

/** Set-ups for many boards, and how they went. */
export class RunsService {
  readonly #dependencies: RunsDependencies
  readonly changed = new Topic<{ runId: string; tenantId: string }>()

  constructor(dependencies: RunsDependencies) {
    this.#dependencies = dependencies
  }

  /**
   * @throws ExpectedError `tenant_unknown`, `not_found`, `forbidden_reach`, `run_open`, `run_invalid`, what `FirmwareSource.describe` throws,
   *   `quota_gateways`
   */
  async open(
    { actor, scope }: { actor: Actor; scope: TenantScope },
    input: SetupInput,
    audit: AuditDraft,
  ): Promise<BenchRunRow> {
    const { db, clock, audit: log, firmware, requireRoom, today } = this.#dependencies
    const checked = await this.#check(scope, input, audit)
    const { tenant, groupId, setup, facts } = checked
    await requireRoom(tenant.id)
    const startedAt = clock.now()
    const id = uuid7(startedAt)
    const { id: startedById, name: startedByName } = auditActor(actor)
    await db.transaction().execute(async (trx) => {
      await firmware.requireIn(trx, tenant.id, setup.bundleId)
      const live = await liveRuns(trx)
      const open = live.find((run) => run.tenantId === tenant.id && run.state === 'open')
      if (open) throw new ExpectedError('run_open', { run: open.name })
      const other = live.find((run) => run.state === 'open' && run.setup.startByItself)
      if (setup.startByItself && other)
        throw new ExpectedError('run_invalid', {
          field: 'startByItself',
          problem: 'another tenant takes boards as they are plugged in, so begin each by hand',
        })
      const start = today()
      const name = nameAfter(start, await runNames(trx, tenant.id, start))
      await insertRun(trx, {
        id,
        tenantId: tenant.id,
        groupId,
        name,
        setup: JSON.stringify(setup),
        facts: JSON.stringify(facts),
        state: 'open',
        nextNumber: checked.nextNumber,
        startedAt,
        startedById,
        startedByName,
        endedAt: null,
      })
      const { plan, ...asked } = setup
      audit.about('bench_run', id, tenant.id, { name, ...facts, setup: asked, planned: plan.length })
      await log.recordIn(trx, audit)
    })
    this.changed.emit({ runId: id, tenantId: tenant.id })
    return this.require({ all: true }, id)
  }

  /** What `open` would do. @throws as `open` */
  async preview(
    scope: TenantScope,
    input: SetupInput,
  ): Promise<{ facts: BenchRun['facts']; chips: string[]; names: GivenName[] }> {
    const { facts, chips, ...checked } = await this.#check(scope, input, null)
    const { tenant, setup } = checked
    const of = { tenantId: tenant.id, setup, nextNumber: checked.nextNumber, jobs: [] }
    return { facts, chips, names: await peekNames(this.#dependencies.db, of, PREVIEWED) }
  }

  async list(
    scope: TenantScope,
    { tenant, before, limit }: { tenant?: string | undefined; before?: string | undefined; limit: number },
  ): Promise<{ runs: BenchRun[]; next: string | null }> {
    const { db, tenants } = this.#dependencies
    const tenantId = tenant === undefined ? null : (await tenants.resolve(scope, tenant)).id
    const rows = await listRuns(db, scope, { tenantId, before: before ?? null, limit: limit + 1 })
    const runs = await Promise.all(rows.slice(0, limit).map((row) => this.view(row)))
    return { runs, next: rows.length > limit ? (runs.at(-1)?.id ?? null) : null }
  }

  /** Those of a scope that are not over, and the newest that are: what the bench shows. */
  async shown(scope: TenantScope): Promise<BenchRunRow[]> {
    const { db } = this.#dependencies
    const live = await liveRuns(db, scope)
    const newest = await listRuns(db, scope, { tenantId: null, before: null, limit: 1 })
    return [...live, ...newest.filter(({ id }) => !live.some((run) => run.id === id))]
  }

  /** @throws ExpectedError `not_found`, also out of scope */
  async require(scope: TenantScope, id: string): Promise<BenchRunRow> {
    const row = await runById(this.#dependencies.db, scope, id)
    if (!row) throw new ExpectedError('not_found', { what: 'run', id })
    return row
  }

  /** Writes that a run stops, or is over; tells whoever follows it. */
  async enter(id: string, state: 'stopping' | 'ended'): Promise<void> {
    const { db, clock } = this.#dependencies
    const run = await this.require({ all: true }, id)
    if (run.state === state || run.state === 'ended') return
    await updateRun(db, id, { state, ...(state === 'ended' && { endedAt: clock.now() }) })
    this.changed.emit({ runId: id, tenantId: run.tenantId })
  }

  async view(row: BenchRunRow): Promise<BenchRun> {
    const { db, clock } = this.#dependencies
    const jobs = await jobsOfRun(db, row.id)
    const { id, tenantId, tenantName, name, setup, facts, state, nextNumber: next } = row
    const names = state === 'open' ? await peekNames(db, { tenantId, setup, nextNumber: next, jobs }, 1) : []
    return {
      id,
      tenant: { id: tenantId, name: tenantName },
      name,
      setup,
      facts,
      state,
      next: names[0] ?? null,
      counts: countsOf(jobs),
      secondsLeft: state === 'ended' ? null : secondsLeft(row, jobs, clock.now()),
      startedBy: row.startedByName,
      startedAt: new Date(row.startedAt),
      endedAt: row.endedAt === null ? null : new Date(row.endedAt),
    }
  }

  async #check(scope: TenantScope, input: SetupInput, audit: AuditDraft | null): Promise<Checked> {
    const { db, tenants, firmware, wifi, profileName } = this.#dependencies
    const { tenant: reference, ...setup } = input
    const tenant = await tenants.resolve(scope, reference)
    audit?.about('bench_run', 'new', tenant.id)
    checkSetup(setup)
    if (setup.group === null && !isWhole(scope))
      throw new ExpectedError('forbidden_reach', { reach: 'tenant' })
    const group =
      setup.group === null ? null : await findGroup(tenants, scope, { group: setup.group, tenant: tenant.id })
    const profile = setup.profile === null ? null : await profileName(tenant.id, setup.profile)
    const network = setup.wifiId === null ? null : await wifi.require(scope, setup.wifiId)
    // Of another tenant: to this one it is not there.
    if (network && network.tenantId !== tenant.id)
      throw new ExpectedError('not_found', { what: 'Wi-Fi network', id: network.id })
    const bundle = await firmware.describe(setup.bundleId, tenant.id)
    const bundleName = `${bundle.name} ${bundle.version}`
    if (setup.keyOnChip && !bundle.makesKeys)
      throw new ExpectedError('run_invalid', {
        field: 'keyOnChip',
        problem: `${bundleName} cannot make a key on the chip`,
      })
    const codes = await gatewaysRepository.codesOfTenant(db, tenant.id)
    return {
      tenant,
      groupId: group?.id ?? null,
      setup,
      facts: {
        bundle: bundleName,
        signature: bundle.signature,
        profile,
        group: group && tenants.groups.namesTo(group.id, scope).join(' / '),
        wifi: network?.ssid ?? null,
      },
      chips: bundle.chips,
      nextNumber: setup.firstNumber ?? nextNumber(setup.codePattern, codes),
    }
  }
}

/** `2026-11-21 A`: the first letter of the day that no run has; after Z, AA. */
function nameAfter(day: string, taken: readonly string[]): string {
  const names = new Set(taken)
  for (let index = 0; ; index++) {
    const letters = index < 26 ? letter(index) : letter(Math.floor(index / 26) - 1) + letter(index % 26)
    const name = `${day} ${letters}`
    if (!names.has(name)) return name
  }
}

function letter(index: number): string {
  return String.fromCharCode(65 + index)
}
