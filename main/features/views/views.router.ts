import type { ViewKind } from '#contract/api/views.ts'
import type { Actor, Procedures } from '#features/access/index.ts'
import { ticks } from '#platform/events/ticks.ts'
import type { ViewsService } from './views.service.ts'

/** Lists are sent anew this often at most, ms. */
const INTERVAL = 300

export function createViewsRouter({ views }: Procedures, service: ViewsService) {
  return {
    list: views.list.handler(async ({ input, context }) => ({
      views: await service.list(context.actor, input.kind ?? null),
    })),
    watch: views.watch.handler(async function* ({ input, context, signal }) {
      yield* lists(service, context.actor, input.kind ?? null, signal)
    }),
    get: views.get.handler(({ input, context }) => service.get(context.actor, input.viewId)),
    create: views.create.handler(({ input, context }) => service.create(context.actor, input, context.audit)),
    update: views.update.handler(({ input: { viewId, ...changes }, context }) =>
      service.update(context.actor, viewId, changes, context.audit),
    ),
    delete: views.delete.handler(async ({ input, context }) => {
      await service.delete(context.actor, input.viewId, context.audit)
      return { id: input.viewId }
    }),
  }
}

async function* lists(
  service: ViewsService,
  actor: Actor,
  kind: ViewKind | null,
  signal: AbortSignal | undefined,
) {
  let due = true
  const stop = service.changed.subscribe(() => {
    due = true
  })
  try {
    const take = () => {
      const was = due
      due = false
      return was || null
    }
    for await (const _ of ticks(INTERVAL, take, signal)) yield { views: await service.list(actor, kind) }
  } finally {
    stop()
  }
}
