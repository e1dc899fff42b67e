import { ExpectedError } from '#contract/errors.ts'
import type { CloudMode, CloudTenantChoice } from '#contract/model/cloud.ts'
import type { SiteDb, SiteTrx } from '#platform/db/site-db.ts'
import type { FleetPart } from './cloud-parts.ts'
import * as repository from './link/link.repository.ts'

export interface TenantChoicesDependencies {
  db: SiteDb
  /** Readings that are stored of a tenant from a time on, about. */
  countReadings(tenantId: string, fromAt: number | null): Promise<number>
  fleet: Pick<FleetPart, 'queueAll' | 'forget'>
  /** A sweep over what is stored of a tenant, from a time on. */
  sendHistory(
    trx: SiteTrx,
    sweep: { tenantId: string; fromAt: number | null; total: number | null; by: string | null },
  ): Promise<void>
  /** Sweeps of a tenant end. */
  cancelSweeps(trx: SiteTrx, tenantId: string): Promise<void>
}

export interface CheckedChoice {
  tenantId: string
  slug: string
  name: string
  mode: CloudMode
  fromAt: number | null
  cloudTenantId: string
  /** Readings that are stored of it from then on, about; null: they are not sent. */
  total: number | null
  before: { mode: CloudMode; fromAt: number | null; cloudTenantId: string } | null
}

/** What of which tenant is sent. */
export class TenantChoices {
  readonly #dependencies: TenantChoicesDependencies

  constructor(dependencies: TenantChoicesDependencies) {
    this.#dependencies = dependencies
  }

  /** @throws ExpectedError `tenant_unknown`, `cloud_tenant_linked`, `cloud_tenant_sent` */
  async checked(choices: readonly CloudTenantChoice[]): Promise<CheckedChoice[]> {
    const known = new Map(
      (await repository.namedTenants(this.#dependencies.db)).map((row) => [row.tenantId, row]),
    )
    const chosen = [...new Map(choices.map((choice) => [choice.tenantId, choice])).values()]
    const checked = chosen.map(({ tenantId, mode, fromAt, cloudTenantId }): CheckedChoice => {
      const row = known.get(tenantId)
      if (row === undefined) throw new ExpectedError('tenant_unknown', { tenant: tenantId })
      const before =
        row.mode === null || row.cloudTenantId === null
          ? null
          : { mode: row.mode, fromAt: row.fromAt, cloudTenantId: row.cloudTenantId }
      const linked = cloudTenantId ?? before?.cloudTenantId ?? tenantId
      const { slug, name } = row
      // A channel over there belongs to one tenant for good: what came later would still go to the first one.
      if (before !== null && linked !== before.cloudTenantId && row.cloudTenantKey !== null)
        throw new ExpectedError('cloud_tenant_sent', { tenant: name })
      return { tenantId, slug, name, mode, fromAt, cloudTenantId: linked, total: null, before }
    })
    refuseShared(checked, [...known.values()])
    return Promise.all(checked.map((choice) => this.#counted(choice)))
  }

  /** Before the transaction that writes it, which would wait for the count. */
  async #counted(choice: CheckedChoice): Promise<CheckedChoice> {
    if (choice.mode !== 'telemetry') return choice
    return { ...choice, total: await this.#dependencies.countReadings(choice.tenantId, choice.fromAt) }
  }

  /** @param by whose choice it is */
  async put(trx: SiteTrx, choices: readonly CheckedChoice[], by: string): Promise<void> {
    // Of the cloud's side each belongs to one: those that let go come first.
    const ordered = [...choices].sort((a, b) => Number(a.mode !== 'off') - Number(b.mode !== 'off'))
    for (const choice of ordered) await this.#putOne(trx, choice, by)
  }

  /** The cloud has nothing of it any more: it goes there once more, with what is stored of it. */
  async sendAnew(
    trx: SiteTrx,
    { tenantId, mode, fromAt }: { tenantId: string; mode: CloudMode; fromAt: number | null },
  ): Promise<void> {
    const { fleet, sendHistory, cancelSweeps } = this.#dependencies
    // What both sides had agreed on is not so any more.
    await fleet.forget(tenantId, trx)
    await fleet.queueAll(tenantId, trx)
    await repository.forgetChannelNumbers(trx, tenantId)
    await cancelSweeps(trx, tenantId)
    if (mode === 'telemetry') await sendHistory(trx, { tenantId, fromAt, total: null, by: null })
  }

  /** Nothing of it is sent any more; what it was linked with stays known. */
  async turnOff(trx: SiteTrx, tenantId: string): Promise<void> {
    await repository.updateTenant(trx, tenantId, { mode: 'off' })
    await this.#dependencies.fleet.forget(tenantId, trx)
    await this.#dependencies.cancelSweeps(trx, tenantId)
  }

  async #putOne(trx: SiteTrx, choice: CheckedChoice, by: string): Promise<void> {
    const { fleet, sendHistory, cancelSweeps } = this.#dependencies
    const { tenantId, mode, fromAt, cloudTenantId, total, before } = choice
    if (before === null && mode === 'off') return
    const wasLinkedElsewhere = before !== null && before.cloudTenantId !== cloudTenantId
    await repository.putTenant(trx, {
      tenantId,
      mode,
      fromAt,
      cloudTenantId,
      ...(wasLinkedElsewhere && { cloudTenantKey: null }),
    })
    const was = wasLinkedElsewhere ? 'off' : (before?.mode ?? 'off')
    if (mode === 'off') await fleet.forget(tenantId, trx)
    else if (was === 'off') await fleet.queueAll(tenantId, trx)
    if (was === 'telemetry' && mode !== 'telemetry') await cancelSweeps(trx, tenantId)
    if (mode === 'telemetry' && (was !== 'telemetry' || reachesFurther(fromAt, before?.fromAt ?? null))) {
      await cancelSweeps(trx, tenantId)
      await sendHistory(trx, { tenantId, fromAt, total, by })
    }
  }
}

function reachesFurther(fromAt: number | null, before: number | null): boolean {
  return before !== null && (fromAt === null || fromAt < before)
}

/** @throws ExpectedError `cloud_tenant_linked` */
function refuseShared(
  choices: readonly CheckedChoice[],
  known: readonly { tenantId: string; cloudTenantId: string | null }[],
): void {
  const holders = new Map<string, string>()
  const chosen = new Set(choices.map(({ tenantId }) => tenantId))
  for (const { tenantId, cloudTenantId } of known)
    if (cloudTenantId !== null && !chosen.has(tenantId)) holders.set(cloudTenantId, tenantId)
  for (const { tenantId, cloudTenantId, name } of choices) {
    const holder = holders.get(cloudTenantId)
    if (holder !== undefined && holder !== tenantId)
      throw new ExpectedError('cloud_tenant_linked', { tenant: name })
    holders.set(cloudTenantId, tenantId)
  }
}
