import { ExpectedError } from '#contract/errors.ts'
import type { FleetRow } from '#contract/model/gateway.ts'
import type { RefusalReason } from '#contract/model/refusal.ts'
import { type Procedures, seesGateway, type TenantScope } from '#features/access/index.ts'
import type { SiteDb } from '#platform/db/site-db.ts'
import { ticks } from '#platform/events/ticks.ts'
import type { FleetService } from './fleet.service.ts'
import type { FleetState } from './fleet-state.ts'
import { gatewayHistory } from './history.repository.ts'
import type { PlacementService } from './placement.service.ts'
import type { GatewayChange, PresenceRecorder } from './presence-recorder.ts'
import { listRefusals, readEvidence } from './refusals.repository.ts'

/** Rows of lists are sent this often, ms; half as often when very many changed. */
const LIST_INTERVAL = 500

export function createFleetRouter(
  { gateways }: Procedures,
  {
    db,
    fleet,
    state,
    presence,
    placement,
  }: {
    db: SiteDb
    fleet: FleetService
    state: FleetState
    presence: PresenceRecorder
    placement: PlacementService
  },
) {
  return {
    list: gateways.list.handler(async ({ input, context }) => {
      const page = await fleet.list(context.scope, input)
      return { gateways: page.gateways.map((row) => fleet.view(row, context.scope)), next: page.next }
    }),
    watch: gateways.watch.handler(async function* ({ context, signal }) {
      const watcher = state.watch(context.scope)
      try {
        const rows = state.rows(context.scope)
        yield { type: 'all' as const, rows }
        const interval = rows.length > 2_000 ? 2 * LIST_INTERVAL : LIST_INTERVAL
        for await (const changed of ticks(interval, () => watcher.take(), signal)) {
          yield { type: 'changed' as const, ...changed }
        }
      } finally {
        watcher.close()
      }
    }),
    show: gateways.show.handler(async ({ input, context }) =>
      fleet.view(await fleet.find(context.scope, input), context.scope),
    ),
    place: gateways.place.handler(async ({ input, context }) =>
      fleet.view(await placement.place(context.scope, input, context.audit), context.scope),
    ),
    update: gateways.update.handler(async ({ input, context }) =>
      fleet.view(await fleet.rename(context.scope, input, input.name, context.audit), context.scope),
    ),
    suspend: gateways.suspend.handler(async ({ input, context }) =>
      fleet.view(
        await fleet.transition('suspend', context.scope, input, context.actor, context.audit),
        context.scope,
      ),
    ),
    resume: gateways.resume.handler(async ({ input, context }) =>
      fleet.view(
        await fleet.transition('resume', context.scope, input, context.actor, context.audit),
        context.scope,
      ),
    ),
    revoke: gateways.revoke.handler(async ({ input, context }) =>
      fleet.view(
        await fleet.transition('revoke', context.scope, input, context.actor, context.audit),
        context.scope,
      ),
    ),
    history: gateways.history.handler(async ({ input, context }) => {
      const gateway = await fleet.find(context.scope, input)
      const rows = await gatewayHistory(db, context.scope, {
        gatewayId: gateway.id,
        since: input.since?.getTime() ?? 0,
        limit: input.limit,
      })
      return {
        events: rows.map(({ at, kind, value, reason, actor }) => ({
          at: new Date(at),
          kind,
          value,
          reason,
          actor,
        })),
      }
    }),
    refusals: gateways.refusals.handler(async ({ input, context }) => {
      const { gateway, tenant } = input
      const gatewayId =
        gateway === undefined ? null : (await fleet.find(context.scope, { gateway, tenant })).id
      const tenantId = tenant === undefined ? null : await fleet.tenantId(context.scope, tenant)
      const rows = await listRefusals(db, context.scope, {
        gatewayId,
        tenantId,
        since: input.since?.getTime() ?? 0,
        limit: input.limit,
      })
      return {
        refusals: rows.map(({ tenantId: _, firstAt, lastAt, reason, evidence, ...row }) => ({
          ...row,
          evidence: readEvidence(evidence),
          reason: reason as RefusalReason,
          firstAt: new Date(firstAt),
          lastAt: new Date(lastAt),
        })),
      }
    }),
    watchOne: gateways.watchOne.handler(async ({ input, context, signal }) => {
      // Found before the stream begins, so that what is out of scope fails the call itself.
      const { id } = await fleet.find(context.scope, input)
      return changesOf(id, presence, () => seesRow(context.scope, state.row(id)), signal)
    }),
  }
}

function seesRow(scope: TenantScope, row: FleetRow | undefined): boolean {
  return row !== undefined && seesGateway(scope, row)
}

async function* changesOf(
  gatewayId: string,
  presence: PresenceRecorder,
  isSeen: () => boolean,
  signal: AbortSignal | undefined,
) {
  const gathered = new Set<GatewayChange['what']>()
  const stop = presence.changed.subscribe((change) => {
    if (change.gatewayId === gatewayId) gathered.add(change.what)
  })
  try {
    const take = () => {
      if (!isSeen()) throw new ExpectedError('not_found', { what: 'gateway', id: gatewayId })
      if (gathered.size === 0) return null
      const changed = [...gathered]
      gathered.clear()
      return { changed }
    }
    yield* ticks(LIST_INTERVAL, take, signal)
  } finally {
    stop()
  }
}
