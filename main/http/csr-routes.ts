import type { FastifyInstance } from 'fastify'
import * as z from 'zod'
import { DeviceIdSchema } from '#contract/model/box-names.ts'
import type { CsrGiven, CsrKnocked } from '#features/enrollment/index.ts'
import { type BoxRoutes, runBoxRoute } from './box-route.ts'
import { BoxLabelSchema, readMac, readSaid, SaidSchema } from './box-said.ts'

export interface CsrRoutes extends BoxRoutes {
  /** ms */
  now(): number
  knock(given: CsrGiven): Promise<CsrKnocked>
}

const PATH = '/api/v1/gateways/csr'
const BOOTSTRAP = '/api/v1/gateways/bootstrap'
/** Twice what a request may be, in base64. */
const BODY_MOST = 48 * 1024
/** Seconds between two polls. */
const POLL_INTERVAL = 30

const CsrSchema = z.object({
  csr: z.string().min(1),
  mac_address: z.string().max(64).nullish(),
  device_id: DeviceIdSchema.nullish(),
  label: BoxLabelSchema.nullish(),
  chip: SaidSchema,
  firmware: SaidSchema,
  hardware: SaidSchema,
})

/**
 * `POST /api/v1/gateways/csr`: a box that made its own key knocks with a certificate request. It polls and fetches like any
 * other box that knocked (bootstrap-routes.ts), with the poll secret that it gets here once.
 */
export function addCsrRoutes(app: FastifyInstance, routes: CsrRoutes): void {
  app.post(PATH, { bodyLimit: BODY_MOST }, (request, reply) =>
    runBoxRoute(routes, request, { action: 'gateway.csr' }, async (audit) => {
      const { csr, mac_address, device_id, label, ...said } = readSaid(CsrSchema, request.body)
      const names = { mac: readMac(mac_address), deviceId: device_id ?? null, label: label ?? null }
      audit.details = { ...names }
      const { row, ...made } = await routes.knock({ csr, ...names, ...said, address: request.ip })
      const isClaimed = row.state === 'claimed'
      return reply
        .status(202)
        .header('retry-after', POLL_INTERVAL)
        .header('cache-control', 'no-store')
        .send({
          state: row.state,
          poll_interval: POLL_INTERVAL,
          poll_url: BOOTSTRAP,
          fingerprint: made.publicKeyHash,
          ...(made.pollSecret !== null && { poll_secret: made.pollSecret }),
          ...(made.token !== null && { activation_token: made.token }),
          activation_expires_at: made.tokenEndsAt === null ? null : new Date(made.tokenEndsAt).toISOString(),
          ...(made.challenge !== null && { challenge: made.challenge }),
          ...(isClaimed && made.pollSecret !== null && { credential_url: `${BOOTSTRAP}/credential` }),
          // A box without a clock of its own can check certificates by it.
          time: routes.now(),
        })
    }),
  )
}
