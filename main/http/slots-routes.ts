import type { FastifyInstance } from 'fastify'
import * as z from 'zod'
import { ExpectedError } from '#contract/errors.ts'
import type { Actor } from '#features/access/index.ts'
import type { AuditDraft } from '#features/audit/index.ts'
import type { ReferenceBoxes } from '#features/enrollment/index.ts'
import { type BoxRoutes, runBoxRoute } from './box-route.ts'
import { BOX_BODY, BoxLabelSchema, originOf, readSaid } from './box-said.ts'
import { type FieldErrors, plainAnswer } from './plain-errors.ts'
import { type AuditedRoutes, runRoute } from './route-audit.ts'

/** Seconds between two polls. */
const POLL_INTERVAL = 30

const BootstrapSchema = z.object({ device_label: BoxLabelSchema })
const SecretSchema = z.object({ token: z.string().min(1).max(200) })
const ClaimSchema = z.object({
  device_label: BoxLabelSchema,
  name: z.string().trim().min(1).max(100).optional(),
  tenant: z.string().max(64).optional(),
  group: z.string().max(500).optional(),
})
const IdSchema = z.object({ id: z.string().min(1).max(64) })

export interface SlotsBoxRoutes extends BoxRoutes {
  /** @throws ExpectedError `setup_required` */
  boxes(): Pick<ReferenceBoxes, 'ask' | 'fetchToken' | 'fetchByToken'>
}

/** For boxes of reference system 000: `GET /api/devices/bootstrap?device_label=`, `GET /api/devices/secret?token=`. */
export function addSlotsBoxRoutes(app: FastifyInstance, routes: SlotsBoxRoutes): void {
  const how = { action: 'gateway.bootstrap', isRead: true }
  app.get('/api/devices/bootstrap', { bodyLimit: BOX_BODY }, (request, reply) =>
    plainAnswer(reply, 'error', () =>
      runBoxRoute(routes, request, how, async () => {
        const { device_label: label } = readSaid(BootstrapSchema, request.query)
        const found = await routes.boxes().ask({ way: 'slots', label }, request.ip)
        if (found.state !== 'claimed')
          return reply
            .status(202)
            .header('retry-after', POLL_INTERVAL)
            .send({ status: 'unclaimed', poll_interval: POLL_INTERVAL })
        const token = await routes.boxes().fetchToken(found.row)
        return reply.send({ status: 'claimed', secret_url: `/api/devices/secret?token=${token}` })
      }),
    ),
  )
  app.get('/api/devices/secret', { bodyLimit: BOX_BODY }, (request, reply) =>
    plainAnswer(reply, 'error', () =>
      runBoxRoute(routes, request, how, async () => {
        const { token } = readSaid(SecretSchema, request.query)
        const { gateway, handover, answer } = await routes.boxes().fetchByToken(token, originOf(request))
        // It asked for a secret; its claim made something else of it.
        if (handover.kind !== 'secret') throw new ExpectedError('knock_gone')
        return reply.send({
          device_secret: handover.secret,
          device_id: gateway.id,
          device_label: gateway.label,
          tenant_id: gateway.tenantId,
          mqtt_host: answer.mqtt_broker,
          mqtt_port: answer.mqtt_port,
          mqtt_username: answer.mqtt_username,
          mqtt_topics: answer.mqtt_topics,
        })
      }),
    ),
  )
}

/** To programs of 000 a 403 says that the person has no such right. */
const claimErrors: FieldErrors = { claim_window_closed: { status: 409 } }

export interface SlotsPeopleRoutes extends AuditedRoutes {
  claim(
    actor: Actor,
    box: {
      label: string
      name?: string | undefined
      tenant?: string | undefined
      group?: string | undefined
    },
    audit: AuditDraft,
  ): Promise<{ id: string }>
  /** By id, code or label. */
  unclaim(actor: Actor, gateway: string, audit: AuditDraft): Promise<{ id: string }>
}

/** For its people, with a bearer token: `POST /api/devices/claim`, `POST /api/devices/{id}/unclaim`. */
export function addSlotsPeopleRoutes(app: FastifyInstance, routes: SlotsPeopleRoutes): void {
  app.post('/api/devices/claim', { bodyLimit: BOX_BODY }, (request, reply) => {
    const access = { action: 'claim.accept', permission: 'claims:accept' as const }
    const claim = () =>
      runRoute(routes, { request, reply }, access, async (actor, audit) => {
        const { device_label: label, ...as } = readSaid(ClaimSchema, request.body)
        const { id } = await routes.claim(actor, { label, ...as }, audit)
        return reply.send({ device_id: id, message: 'Claimed' })
      })
    return plainAnswer(reply, 'error', claim, claimErrors)
  })
  app.post('/api/devices/:id/unclaim', { bodyLimit: BOX_BODY }, (request, reply) =>
    plainAnswer(reply, 'error', () => {
      const access = { action: 'gateway.unclaim', permission: 'certificates:write' as const }
      return runRoute(routes, { request, reply }, access, async (actor, audit) => {
        const { id: reference } = readSaid(IdSchema, request.params)
        const { id } = await routes.unclaim(actor, reference, audit)
        return reply.send({ device_id: id, status: 'unclaimed', message: 'Unclaimed' })
      })
    }),
  )
}
