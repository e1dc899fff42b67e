import { type Procedures, seesTenant, type TenantScope } from '#features/access/index.ts'
import { ticks } from '#platform/events/ticks.ts'
import type { AnnotationsService } from './annotations.service.ts'

/** Changes are told this often at most, ms. */
const INTERVAL = 300

export function createAnnotationsRouter({ annotations }: Procedures, service: AnnotationsService) {
  return {
    list: annotations.list.handler(({ input, context }) => service.list(context.scope, input)),
    watch: annotations.watch.handler(async function* ({ context, signal }) {
      yield* changes(service, context.scope, signal)
    }),
    create: annotations.create.handler(({ input, context }) =>
      service.create(context.actor, input, context.audit),
    ),
    update: annotations.update.handler(({ input: { annotationId, ...changes }, context }) =>
      service.update(context.scope, annotationId, changes, context.audit),
    ),
    delete: annotations.delete.handler(async ({ input, context }) => {
      await service.delete(context.scope, input.annotationId, context.audit)
      return { id: input.annotationId }
    }),
  }
}

async function* changes(service: AnnotationsService, scope: TenantScope, signal: AbortSignal | undefined) {
  let changed = 0
  // The first message says that the stream is open: what changed before it is asked for then.
  let isOpened = false
  const stop = service.changed.subscribe(({ tenantId }) => {
    if (seesTenant(scope, tenantId)) changed++
  })
  try {
    const take = () => {
      if (changed === 0 && isOpened) return null
      isOpened = true
      const told = { changed }
      changed = 0
      return told
    }
    yield* ticks(INTERVAL, take, signal)
  } finally {
    stop()
  }
}
