import type { FastifyInstance } from 'fastify'
import { ExpectedError } from '#contract/errors.ts'
import { scopeOf, type TenantScope } from '#features/access/index.ts'
import { addSlotsPeopleRoutes } from '#http/slots-routes.ts'
import { addTdsCertificateRoute, addTdsPeopleRoutes, type TdsPeopleRoutes } from '#http/tds-routes.ts'
import { contextOf, type Listener } from '#http/ui-app.ts'
import type { EngineRoutes } from './engine-routes.ts'

/** What people and scripts of reference systems 000 and 001 call, with their own fields, codes and slashes. */
export function addReferenceRoutes(app: FastifyInstance, listener: Listener, routes: EngineRoutes): void {
  const { services } = routes
  addSlotsPeopleRoutes(app, {
    ...shared(listener, routes),
    claim: (actor, box, audit) =>
      services().enrolling.knocking.claims.accept(
        { actor, scope: scopeOf(actor) },
        { ...box, replace: false },
        audit,
      ),
    unclaim: async (actor, reference, audit) => {
      const scope = scopeOf(actor)
      const { id } = await services().fleet.findNamed(scope, reference)
      return services().enrolling.knocking.unclaiming.unclaim(scope, { gateway: id }, audit)
    },
  })
  const people = tdsPeople(listener, routes)
  addTdsPeopleRoutes(app, people)
  // On loopback, where boxes are played too, one route is both.
  if (listener !== 'loopback') addTdsCertificateRoute(app, { people, box: null })
}

/** How scripts of 001 ask this site. */
export function tdsPeople(listener: Listener, routes: EngineRoutes): TdsPeopleRoutes {
  const { services, core } = routes
  return {
    ...shared(listener, routes),
    activate: async (actor, { token, tenant, code, name }, audit) => {
      const scope = scopeOf(actor)
      const account = await tenantOfAccount(core.tenants, scope, tenant)
      const claim = { token, tenant: account, code, name, replace: false }
      return services().enrolling.knocking.claims.accept({ actor, scope }, claim, audit)
    },
    provision: async (actor, { mac, tenant, code, name, idempotencyKey }, audit) => {
      const { enrollment } = services().enrolling
      const scope = scopeOf(actor)
      const account = await tenantOfAccount(core.tenants, scope, tenant)
      const order = { mac_address: mac, code, name, dialect: 'tds', tenant: account }
      const { gateway, handover } = await enrollment.provision(order, { actor, scope, idempotencyKey }, audit)
      const caPem = await routes.publicFiles()?.caPem()
      if (caPem === undefined) throw new ExpectedError('setup_required')
      const answer = enrollment.answer(gateway, handover, caPem)
      const { gateway_id, certificate_pem, private_key_pem, ca_pem, expires_at, serial_number } = answer
      const { mqtt_broker, mqtt_port, mqtt_topic } = answer
      return {
        gateway_id,
        certificate_pem,
        private_key_pem,
        ca_pem,
        expires_at,
        serial_number,
        mqtt_broker,
        mqtt_port,
        mqtt_topic,
      }
    },
    zip: async (actor, gateway, audit) => {
      const { name, bytes } = await services().enrolling.credentials.zip(scopeOf(actor), { gateway }, audit)
      return { name: name.replace(/_certs\.zip$/, '_certificados.zip'), bytes }
    },
  }
}

/**
 * The tenant that `conta_id` means: its id or short name. Scripts of 001 send a number; where the caller has one tenant only,
 * and none is called so, it is that one.
 */
async function tenantOfAccount(
  tenants: Pick<EngineRoutes['core']['tenants'], 'list'>,
  scope: TenantScope,
  given: string | undefined,
): Promise<string | undefined> {
  if (given === undefined || !/^\d+$/.test(given)) return given
  const seen = await tenants.list(scope)
  const isNamed = seen.some(({ id, slug }) => id === given || slug === given)
  return !isNamed && seen.length === 1 ? seen[0]?.id : given
}

function shared(listener: Listener, { core, ui }: EngineRoutes) {
  return {
    contextOf: (...[request, reply]: Parameters<TdsPeopleRoutes['contextOf']>) =>
      contextOf(listener, request, reply, ui),
    isSetUp: () => core.site.isSetUp(),
    audit: core.audit,
    calls: core.calls,
  }
}
