import type { ClaimWindow } from '#contract/api/claims.ts'
import { type Actor, type Procedures, scopeOf } from '#features/access/index.ts'
import type { FleetService } from '#features/fleet/index.ts'
import { ticks } from '#platform/events/ticks.ts'
import type { KnockBook } from '../knocks/knock-book.ts'
import type { ClaimManyService } from './claim-many.service.ts'
import type { ClaimWindows, OpenWindow } from './claim-windows.ts'
import type { ClaimsService } from './claims.service.ts'
import type { UnclaimService } from './unclaim.service.ts'

/** Changes are told this often, ms. */
const LIVE_INTERVAL = 500

export interface ClaimsRouterDependencies {
  claims: ClaimsService
  many: ClaimManyService
  windows: ClaimWindows
  book: KnockBook
  fleet: FleetService
}

export function createClaimsRouter(
  { claims: procedures }: Procedures,
  dependencies: ClaimsRouterDependencies,
) {
  const { claims, many, windows, fleet } = dependencies
  return {
    list: procedures.list.handler(({ input, context }) => claims.list(context.actor, input)),
    windows: procedures.windows.handler(async ({ context }) => ({
      windows: (await windows.open(context.scope)).map(viewWindow),
      mayOpen: await windows.mayOpen(context.actor),
    })),
    watch: procedures.watch.handler(async ({ context, signal }) =>
      changesFor(context.actor, dependencies, signal),
    ),
    openWindow: procedures.openWindow.handler(async ({ input, context }) =>
      viewWindow(await windows.openFor(context.actor, input, context.audit)),
    ),
    closeWindow: procedures.closeWindow.handler(async ({ input, context }) => {
      await windows.closeFor(context.actor, input.tenant, context.audit)
      return { closed: true as const }
    }),
    accept: procedures.accept.handler(async ({ input, context }) =>
      fleet.view(await claims.accept(context, input, context.audit), context.scope),
    ),
    acceptMany: procedures.acceptMany.handler(({ input, context }) =>
      many.start(context.actor, input, context.audit),
    ),
    dismiss: procedures.dismiss.handler(async ({ input, context }) => {
      await claims.dismiss(context, input.knock, context.audit)
      return { dismissed: true as const }
    }),
  }
}

function viewWindow({ id, tenantId, tenantName, openedAt, endsAt, openedByName }: OpenWindow): ClaimWindow {
  return {
    id,
    tenant: { id: tenantId, name: tenantName },
    openedAt: new Date(openedAt),
    endsAt: new Date(endsAt),
    openedBy: openedByName,
  }
}

/** `gateways.unclaim`, beside the other actions on one. */
export function createUnclaimRouter(
  { gateways }: Procedures,
  { unclaiming, fleet }: { unclaiming: UnclaimService; fleet: FleetService },
) {
  return {
    unclaim: gateways.unclaim.handler(async ({ input, context }) =>
      fleet.view(await unclaiming.unclaim(context.scope, input, context.audit), context.scope),
    ),
  }
}

type Changed = 'knocks' | 'windows'

async function* changesFor(
  actor: Actor,
  { claims, book, windows }: ClaimsRouterDependencies,
  signal: AbortSignal | undefined,
) {
  const gathered = new Set<Changed>()
  const note = (what: Changed) => void gathered.add(what)
  const stops = [book.changed.subscribe(note), windows.changed.subscribe(note)]
  try {
    const take = () => {
      if (gathered.size === 0) return null
      const changed = [...gathered]
      gathered.clear()
      return changed
    }
    for await (const changed of ticks(LIVE_INTERVAL, take, signal)) {
      // Who sees no box that waits is not told either that one came; what they claimed themselves they see.
      const isShown = changed.includes('windows') || (await claims.seesWaiting(actor))
      if (isShown || scopeOf(actor).all) yield { changed }
    }
  } finally {
    for (const stop of stops) stop()
  }
}
