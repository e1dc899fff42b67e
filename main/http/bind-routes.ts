import { STATUS_CODES } from 'node:http'
import type { FastifyError, FastifyInstance } from 'fastify'
import * as z from 'zod'
import { ExpectedError } from '#contract/errors.ts'
import { type BindCode, BindCodeSchema } from '#contract/model/box-names.ts'
import type { Actor } from '#features/access/index.ts'
import type { AuditDraft } from '#features/audit/index.ts'
import { type AuditedRoutes, runRoute } from './route-audit.ts'

export interface BindRoutes extends AuditedRoutes {
  bind(actor: Actor, code: BindCode, audit: AuditDraft): Promise<BoundDevice>
}

export interface BoundDevice {
  id: string
  name: string
  ownerUserId: string | null
  bindState: 'pending' | 'bound' | null
}

/**
 * `POST /devices/bind`, where programs of reference 002 look for it, with its fields and its words: a person who is signed in
 * sends what the QR code of a device holds. The same as `POST /api/v1/gateways/bind`.
 */
export function addBindRoutes(app: FastifyInstance, routes: BindRoutes): void {
  app.register(async (devices) => {
    // The shape in which a program of 002 reads what went wrong.
    devices.setErrorHandler<FastifyError>((error, request, reply) => {
      if (!(error instanceof ExpectedError)) return app.errorHandler(error, request, reply)
      const { status, message, code } = error
      return reply
        .status(status)
        .send({ statusCode: status, message, error: STATUS_CODES[status] ?? 'Error', code })
    })
    devices.post('/devices/bind', (request, reply) => {
      const access = { action: 'gateway.bind', permission: 'claims:accept' as const }
      return runRoute(routes, { request, reply }, access, async (actor, audit) => {
        audit.subject = { ...audit.subject, successStatus: 201 }
        const code = BindCodeSchema.safeParse(request.body ?? {})
        if (!code.success) throw new ExpectedError('input_invalid', { issues: z.prettifyError(code.error) })
        const { id, name, ownerUserId, bindState } = await routes.bind(actor, code.data, audit)
        return reply
          .status(201)
          .header('cache-control', 'no-store')
          .send({
            deviceId: code.data.deviceId,
            id,
            name,
            // 002 has "unbound" and "bound"; between them the device has still to confirm.
            status: bindState === 'pending' ? 'pending' : 'bound',
            ownerType: 'user',
            ownerId: ownerUserId,
          })
      })
    })
  })
}
