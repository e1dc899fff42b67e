import { setTimeout as sleep } from 'node:timers/promises'
import { type Actor, type Procedures, permissionsOf, type TenantScope } from '#features/access/index.ts'
import type { OverviewService } from './overview.service.ts'

/** The Overview is sent this often, ms, where it changed. */
const INTERVAL = 1_000

export function createOverviewRouter({ overview }: Procedures, service: OverviewService) {
  return {
    show: overview.show.handler(({ context }) => service.show(context.scope, seesCloud(context))),
    watch: overview.watch.handler(async function* ({ context, signal }) {
      let sent = ''
      while (!signal?.aborted) {
        const shown = await service.show(context.scope, seesCloud(context))
        const content = JSON.stringify({ ...shown, now: 0 })
        if (content !== sent) yield shown
        sent = content
        await sleep(INTERVAL, undefined, { ...(signal && { signal }), ref: false }).catch(() => undefined)
      }
    }),
  }
}

/** Those who may open its screen. */
function seesCloud({ actor, scope }: { actor: Actor; scope: TenantScope }): boolean {
  return scope.all && permissionsOf(actor).includes('cloud:write')
}
