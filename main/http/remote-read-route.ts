import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { ExpectedError } from '#contract/errors.ts'
import { scopeOf, type TenantScope } from '#features/access/index.ts'
import { RegexpBudget } from './remote-read-matchers.ts'
import { encodeResponse, encodeSeries, invalid, pack, readRequest } from './remote-read-messages.ts'
import { type ReadBudget, type ReadSource, SampleBudget, seriesOf } from './remote-read-series.ts'
import { type AuditedRoutes, runRoute } from './route-audit.ts'

export interface RemoteReadRoute extends AuditedRoutes {
  source(scope: TenantScope): Promise<ReadSource>
}

/** Requests answered at once: each may hold a million samples. */
const AT_ONCE = 2
/** Waiting beyond these. */
const WAITING_MAX = 16
/** Prometheus itself waits no longer for an answer, ms: its `remote_timeout` where left out. */
const ANSWERED_WITHIN = 60_000

/**
 * `POST /api/v1/prometheus/read`: Prometheus' remote read, version 0.1.0, answered with SAMPLES.
 * https://prometheus.io/docs/prometheus/latest/querying/remote_read_api/
 */
export function addRemoteReadRoute(app: FastifyInstance, route: RemoteReadRoute): void {
  const turns = new Turns(AT_ONCE, WAITING_MAX)
  void app.register(async (scoped) => {
    scoped.removeAllContentTypeParsers()
    scoped.addContentTypeParser('application/x-protobuf', { parseAs: 'buffer' }, (_request, body, done) =>
      done(null, body),
    )
    scoped.post('/api/v1/prometheus/read', async (request, reply) => {
      const scope = await scopeOfCaller(route, request, reply)
      const queries = readRequest(request.body as Buffer)
      const abort = new AbortController()
      reply.raw.once('close', () => abort.abort())
      const late = setTimeout(() => abort.abort(invalid('it took longer than a minute')), ANSWERED_WITHIN)
      const bytes = await turns
        .take(() => answer(route, scope, queries, abort.signal))
        .finally(() => clearTimeout(late))
      return reply
        .type('application/x-protobuf')
        .header('content-encoding', 'snappy')
        .header('x-prometheus-remote-read-version', '0.1.0')
        .send(Buffer.from(bytes))
    })
  })
}

async function answer(
  route: RemoteReadRoute,
  scope: TenantScope,
  queries: ReturnType<typeof readRequest>,
  signal: AbortSignal,
): Promise<Uint8Array> {
  const source = await route.source(scope)
  const budget: ReadBudget = { samples: new SampleBudget(), regexps: new RegexpBudget() }
  const results: Uint8Array[][] = []
  for (const query of queries) {
    const series: Uint8Array[] = []
    for await (const one of seriesOf(query, source, budget, signal)) series.push(await encodeSeries(one))
    results.push(series)
  }
  return pack(encodeResponse(results))
}

/** @throws ExpectedError `setup_required`, `not_signed_in`, `forbidden` */
async function scopeOfCaller(
  route: RemoteReadRoute,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<TenantScope> {
  const access = { action: 'telemetry.read', permission: 'telemetry:read' as const }
  return runRoute(route, { request, reply }, access, async (actor) => scopeOf(actor))
}

/** Lets a few tasks run at once, others wait for their turn, and sends the rest away. */
class Turns {
  #free: number
  readonly #waitingMax: number
  readonly #waiting: (() => void)[] = []

  constructor(atOnce: number, waitingMax: number) {
    this.#free = atOnce
    this.#waitingMax = waitingMax
  }

  /** @throws ExpectedError `too_many_requests` */
  async take<T>(task: () => Promise<T>): Promise<T> {
    if (this.#free === 0) {
      if (this.#waiting.length >= this.#waitingMax)
        throw new ExpectedError('too_many_requests', { seconds: 5 })
      await new Promise<void>((resolve) => this.#waiting.push(resolve))
    } else this.#free--
    try {
      return await task()
    } finally {
      const next = this.#waiting.shift()
      if (next) next()
      else this.#free++
    }
  }
}
