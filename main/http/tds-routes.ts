import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { renderSVG } from 'uqr'
import * as z from 'zod'
import { ExpectedError } from '#contract/errors.ts'
import type { Actor } from '#features/access/index.ts'
import type { AuditDraft } from '#features/audit/index.ts'
import type { BootstrapService, ReferenceBoxes } from '#features/enrollment/index.ts'
import { type BoxRoutes, runBoxRoute } from './box-route.ts'
import { BOX_BODY, originOf, readMac, readSaid } from './box-said.ts'
import { type FieldErrors, plainAnswer } from './plain-errors.ts'
import { type AuditedRoutes, attachment, runRoute } from './route-audit.ts'

const PATH = '/api/v1/gateways'
const POLL_INTERVAL = 30
/** Seconds. */
const TOKEN_LIFE = 24 * 60 * 60

const CodeSchema = z
  .string()
  .trim()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,29}$/, 'use 1 to 30 letters, digits, dots, dashes or underscores')
const AccountSchema = z.union([z.number().int(), z.string().max(64)]).transform(String)
const NameSchema = z.string().trim().min(1).max(100)
const BootstrapSchema = z.object({ mac_address: z.string().max(64) })
const ActivateSchema = z.object({
  activation_token: z.string().trim().min(1).max(200),
  conta_id: AccountSchema.optional(),
  codigo: CodeSchema,
  nome: NameSchema,
})
const ProvisionSchema = z.object({
  mac_address: z.string().max(64),
  codigo: CodeSchema,
  nome: NameSchema,
  conta_id: AccountSchema.optional(),
})
const IdSchema = z.object({ id: z.string().min(1).max(64) })
/** What a token is made of: this draws nothing else. */
const QrSchema = z.object({ data: z.string().regex(/^[A-Za-z0-9_-]{1,100}$/) })

/** The sentences of 001, in its language. */
const bootstrapErrors: FieldErrors = {
  mac_invalid: { status: 400, body: { error: 'MAC address inválido' } },
  input_invalid: { status: 400, body: { error: 'MAC address inválido' } },
}
const activateErrors: FieldErrors = {
  activation_token_invalid: { status: 400, body: { error: 'Token inválido ou expirado' } },
  tenant_unknown: { status: 400, body: { error: 'Conta inválida ou inativa' } },
  claim_window_closed: { status: 400, body: { error: 'Nenhuma janela de ativação aberta para esta conta' } },
  code_taken: { status: 400, body: { error: 'Código já cadastrado nesta conta' } },
  mac_taken: { status: 400, body: { error: 'MAC já cadastrado' } },
}
const provisionErrors: FieldErrors = {
  mac_invalid: { status: 400, body: { mac_address: ['MAC inválido. Use formato aa:bb:cc:dd:ee:ff'] } },
  mac_taken: { status: 400, body: { non_field_errors: ['MAC já cadastrado nesta conta'] } },
  code_taken: { status: 400, body: { codigo: ['Código já cadastrado nesta conta'] } },
  tenant_unknown: { status: 400, body: { conta_id: ['Conta inválida ou inativa'] } },
}

export interface TdsBoxRoutes extends BoxRoutes {
  /** @throws ExpectedError `setup_required` */
  boxes(): Pick<ReferenceBoxes, 'ask' | 'fetchByGateway'>
  /** Where people find the UI, and boxes this listener. */
  origins(): { ui: string; devices: string }
}

type Fetched = Awaited<ReturnType<BootstrapService['fetch']>>['answer']

/** For boxes of reference system 001: `POST /api/v1/gateways/bootstrap/`, with its slash; the QR code; the certificate. */
export function addTdsBoxRoutes(app: FastifyInstance, routes: TdsBoxRoutes): void {
  const options = { bodyLimit: BOX_BODY }
  app.post(`${PATH}/bootstrap/`, options, (request, reply) =>
    plainAnswer(
      reply,
      'error',
      () =>
        runBoxRoute(routes, request, { action: 'gateway.bootstrap' }, async () => {
          const { mac_address } = readSaid(BootstrapSchema, request.body)
          const mac = readMac(mac_address)
          if (mac === null) throw new ExpectedError('mac_invalid', { mac: mac_address })
          const found = await routes.boxes().ask({ way: 'tds', mac }, request.ip)
          if (found.state === 'unheard')
            return reply
              .status(503)
              .header('retry-after', POLL_INTERVAL)
              .send({ error: 'Nenhuma janela de ativação aberta', code: 'claim_window_closed' })
          if (found.state === 'claimed') {
            const { gatewayId } = found.row
            const download_url = `${PATH}/${gatewayId}/certificados/`
            return reply.send({ status: 'claimed', gateway_id: gatewayId, download_url })
          }
          const { token } = found
          const { ui, devices } = routes.origins()
          return reply.send({
            activation_token: token,
            expires_in: TOKEN_LIFE,
            activation_url: `${ui}/claims#token=${token}`,
            qr_code_url: `${devices}${PATH}/bootstrap/qr.svg?data=${token}`,
            status: 'waiting',
            poll_interval: POLL_INTERVAL,
          })
        }),
      bootstrapErrors,
    ),
  )
  app.get(`${PATH}/bootstrap/qr.svg`, options, (request, reply) =>
    plainAnswer(reply, 'error', () =>
      runBoxRoute(routes, request, { action: 'gateway.bootstrap', isRead: true }, async () => {
        const { data } = readSaid(QrSchema, request.query)
        return reply.type('image/svg+xml').send(renderSVG(data, { border: 4 }))
      }),
    ),
  )
}

export interface TdsPeopleRoutes extends AuditedRoutes {
  activate(
    actor: Actor,
    box: { token: string; tenant: string | undefined; code: string; name: string },
    audit: AuditDraft,
  ): Promise<{ id: string }>
  provision(
    actor: Actor,
    box: {
      mac: string
      tenant: string | undefined
      code: string
      name: string
      idempotencyKey: string | null
    },
    audit: AuditDraft,
  ): Promise<ProvisionedFields>
  /** The ZIP of a gateway's credentials. */
  zip(actor: Actor, gateway: string, audit: AuditDraft): Promise<{ name: string; bytes: Buffer }>
}

/** What a script of 001 reads of a gateway that was made. */
export type ProvisionedFields = Pick<
  Fetched,
  | 'gateway_id'
  | 'certificate_pem'
  | 'private_key_pem'
  | 'ca_pem'
  | 'expires_at'
  | 'serial_number'
  | 'mqtt_broker'
  | 'mqtt_port'
  | 'mqtt_topic'
>

/** For its people, with `Authorization: Token …` or `Bearer …`: `/ativar/` and `/provision/`, with their slashes. */
export function addTdsPeopleRoutes(app: FastifyInstance, given: TdsPeopleRoutes): void {
  const options = { bodyLimit: BOX_BODY }
  const routes = takingTokens(given)
  app.post(`${PATH}/ativar/`, options, (request, reply) =>
    plainAnswer(
      reply,
      'error',
      () => {
        const access = { action: 'claim.accept', permission: 'claims:accept' as const }
        return runRoute(routes, { request, reply }, access, async (actor, audit) => {
          const {
            activation_token: token,
            conta_id: tenant,
            codigo: code,
            nome: name,
          } = readSaid(ActivateSchema, request.body)
          const { id } = await routes.activate(actor, { token, tenant, code, name }, audit)
          return reply.status(201).send({ gateway_id: id, download_url: `${PATH}/${id}/certificados/` })
        })
      },
      activateErrors,
    ),
  )
  app.post(`${PATH}/provision/`, options, (request, reply) =>
    plainAnswer(
      reply,
      'detail',
      () => {
        const access = { action: 'gateway.provision', permission: 'gateways:write' as const }
        return runRoute(routes, { request, reply }, access, async (actor, audit) => {
          const {
            mac_address: mac,
            conta_id: tenant,
            codigo: code,
            nome: name,
          } = readSaid(ProvisionSchema, request.body)
          const { idempotencyKey } = routes.contextOf(request, reply).request
          const made = await routes.provision(actor, { mac, tenant, code, name, idempotencyKey }, audit)
          return reply.status(201).send(made)
        })
      },
      provisionErrors,
    ),
  )
}

/**
 * `GET /api/v1/gateways/{id}/certificados/`: to people the ZIP; to the box that knocked, which nobody can sign in, its
 * certificate as JSON.
 */
export function addTdsCertificateRoute(
  app: FastifyInstance,
  { people, box }: { people: TdsPeopleRoutes | null; box: TdsBoxRoutes | null },
): void {
  const signedIn = people && takingTokens(people)
  app.get(`${PATH}/:id/certificados/`, { bodyLimit: BOX_BODY }, (request, reply) =>
    plainAnswer(reply, 'detail', async () => {
      const { id } = readSaid(IdSchema, request.params)
      if (signedIn === null) return fetch(request, reply, id)
      // Where boxes are played too: whoever is nobody may be one.
      if (box !== null && isNobody(request)) {
        const answer = await fetch(request, reply, id).catch(unlessNotFound)
        if (answer !== null) return answer
      }
      const access = { action: 'certificate.handover', permission: 'certificates:write' as const }
      return runRoute(signedIn, { request, reply }, access, async (actor, audit) => {
        const { name, bytes } = await signedIn.zip(actor, id, audit)
        return reply.type('application/zip').header('content-disposition', attachment(name)).send(bytes)
      })
    }),
  )
  function fetch(request: FastifyRequest, reply: FastifyReply, id: string): Promise<FastifyReply> {
    if (box === null) throw new ExpectedError('not_found', { what: 'gateway', id })
    return runBoxRoute(box, request, { action: 'credential.fetch', isRead: true }, async () => {
      const { answer } = await box.boxes().fetchByGateway(id, originOf(request))
      return reply.send(answer)
    })
  }
}

function unlessNotFound(error: unknown): null {
  if (error instanceof ExpectedError && error.code === 'not_found') return null
  throw error
}

function isNobody({ headers }: FastifyRequest): boolean {
  return (
    headers.authorization === undefined && headers['x-api-key'] === undefined && headers.cookie === undefined
  )
}

/** Scripts of 001 send `Authorization: Token …`. */
function takingTokens(routes: TdsPeopleRoutes): TdsPeopleRoutes {
  return {
    ...routes,
    contextOf: (request: FastifyRequest, reply: FastifyReply) => {
      const token = /^token +(\S+) *$/i.exec(request.headers.authorization ?? '')?.[1]
      if (token !== undefined) request.headers.authorization = `Bearer ${token}`
      return routes.contextOf(request, reply)
    },
  }
}
