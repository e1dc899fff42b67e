import type { Procedures } from '#features/access/index.ts'
import { ticks } from '#platform/events/ticks.ts'
import type { TopicPublisher } from './topic-publisher.ts'
import type { TopicsService } from './topics.service.ts'

/** What is new is sent this often, ms. */
const INTERVAL = 250

export function createTopicsRouter(
  { topics }: Procedures,
  { service, publisher }: { service: TopicsService; publisher: TopicPublisher },
) {
  return {
    // Streams check what they are asked for before they begin, so that the call itself fails, as any other would.
    watch: topics.watch.handler(async ({ input, context, signal }) => {
      const { filter = '', tenant, expanded, all } = input
      const scope = await service.scope(context.actor, tenant)
      const asked = { filter, expanded: all ? null : new Set(expanded) }
      return stream(service.watch(context.actor, scope, asked), signal)
    }),
    follow: topics.follow.handler(async ({ input, context, signal }) => {
      const scope = await service.scope(context.actor, input.tenant)
      const { take, close } = await service.follow(context.actor, scope, input.filter)
      return stream({ rows: { take }, close }, signal)
    }),
    captured: topics.captured.handler(async ({ input, context }) => {
      const { tenant, wait, ...query } = input
      const scope = await service.scope(context.actor, tenant)
      return { messages: await service.captured(context.actor, scope, { ...query, wait: wait * 1_000 }) }
    }),
    publish: topics.publish.handler(({ input, context }) =>
      publisher.publish(context.scope, input, context.audit),
    ),
  }
}

interface Opened<T> {
  rows: { take(): T | null }
  /** May be called again. */
  close(): void
}

function stream<T>(opened: Opened<T>, signal: AbortSignal | undefined): AsyncGenerator<T> {
  // A caller that hangs up before the first answer never begins the stream, and so never ends it.
  if (signal?.aborted) opened.close()
  else signal?.addEventListener('abort', () => opened.close(), { once: true })
  return send(opened, signal)
}

async function* send<T>({ rows, close }: Opened<T>, signal: AbortSignal | undefined): AsyncGenerator<T> {
  try {
    yield* ticks(INTERVAL, () => rows.take(), signal)
  } finally {
    close()
  }
}
