import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import * as z from 'zod'
import { ExpectedError } from '#contract/errors.ts'
import type { BootstrapService, KnockBook } from '#features/enrollment/index.ts'
import { bearerOf } from './bearer.ts'
import { type BoxRoutes, runBoxRoute } from './box-route.ts'
import { BOX_BODY, BoxLabelSchema, originOf, readMac, readSaid, SaidSchema } from './box-said.ts'

const PATH = '/api/v1/gateways/bootstrap'
/** Seconds between two polls. */
const POLL_INTERVAL = 30

const KnockSchema = z
  .object({
    mac_address: z.string().max(64).nullish(),
    label: BoxLabelSchema.nullish(),
    chip: SaidSchema,
    firmware: SaidSchema,
    hardware: SaidSchema,
    credential: z.enum(['certificate', 'secret']).default('certificate'),
    poll_secret: z.string().max(200).nullish(),
  })
  .transform(({ mac_address, ...said }) => ({
    ...said,
    mac: readMac(mac_address),
    label: said.label ?? null,
  }))

export interface BootstrapRoutes extends BoxRoutes {
  /** @throws ExpectedError `setup_required` */
  book(): Pick<KnockBook, 'knock'>
  bootstrap(): Pick<BootstrapService, 'poll' | 'credential' | 'received'>
  now(): number
}

/**
 * Zero-touch enrollment: a box knocks with its MAC or label, polls with its poll secret until somebody has claimed it, and
 * fetches what was made for it. Nothing that it says is believed before that. `docs/zero-touch.md` has the requests.
 */
export function addBootstrapRoutes(app: FastifyInstance, routes: BootstrapRoutes): void {
  const options = { bodyLimit: BOX_BODY }
  const run = (request: FastifyRequest, reply: FastifyReply, answer: () => Promise<FastifyReply>) => {
    const how = { action: 'gateway.bootstrap', isRead: secretOf(request) !== null }
    reply.header('cache-control', 'no-store')
    return runBoxRoute(routes, request, how, answer)
  }
  app.post(PATH, options, (request, reply) =>
    run(request, reply, async () => {
      const pollSecret = secretOf(request)
      if (pollSecret !== null) return poll(routes, pollSecret, reply)
      const { poll_secret: _, ...said } = readSaid(KnockSchema, request.body)
      if (said.mac === null && said.label === null)
        throw new ExpectedError('input_invalid', { issues: 'give mac_address or label' })
      const box = { ...said, way: 'bootstrap' as const, deviceId: null, address: request.ip }
      const made = await routes.book().knock({ ...box, withPollSecret: true, withToken: true })
      return waiting(reply).send({
        state: 'waiting',
        poll_interval: POLL_INTERVAL,
        poll_secret: made.pollSecret,
        activation_token: made.token,
        activation_expires_at: instant(made.tokenEndsAt),
        // For boxes without a clock of their own.
        time: routes.now(),
      })
    }),
  )
  app.get(`${PATH}/credential`, options, (request, reply) =>
    run(request, reply, async () => {
      const { answer } = await routes.bootstrap().credential(requireSecret(request), originOf(request))
      return reply.send(answer)
    }),
  )
  app.post(`${PATH}/received`, options, (request, reply) =>
    run(request, reply, async () => {
      await routes.bootstrap().received(requireSecret(request), originOf(request))
      return reply.send({ received: true })
    }),
  )
}

async function poll({ bootstrap, now }: BootstrapRoutes, pollSecret: string, reply: FastifyReply) {
  const { row, token } = await bootstrap().poll(pollSecret)
  if (row.state === 'claimed')
    return reply.send({
      state: 'claimed',
      gateway_id: row.gatewayId,
      credential_url: `${PATH}/credential`,
      received_url: `${PATH}/received`,
      time: now(),
    })
  return waiting(reply).send({
    state: 'waiting',
    poll_interval: POLL_INTERVAL,
    ...(token && { activation_token: token.token }),
    activation_expires_at: instant(token?.endsAt ?? row.tokenExpiresAt),
    time: now(),
  })
}

function waiting(reply: FastifyReply): FastifyReply {
  return reply.status(202).header('retry-after', POLL_INTERVAL)
}

/** The poll secret of a request: `Authorization: Bearer …`, or in the body. */
function secretOf(request: FastifyRequest): string | null {
  const bearer = bearerOf(request.headers)
  if (bearer !== null) return bearer
  const { poll_secret: given } = (request.body ?? {}) as { poll_secret?: unknown }
  return typeof given === 'string' && given !== '' ? given : null
}

/** @throws ExpectedError `knock_gone` */
function requireSecret(request: FastifyRequest): string {
  const secret = secretOf(request)
  if (secret === null) throw new ExpectedError('knock_gone')
  return secret
}

function instant(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString()
}
