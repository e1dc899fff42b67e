import { hashMqttPassword } from '#broker/auth/mqtt-password.ts'
import type { Broker, BrokerAddresses, OptionalListeners } from '#broker/port.ts'
import type { MqttListeners } from '#contract/api/mqtt-clients.ts'
import type { Procedures } from '#features/access/index.ts'
import type { AuditService } from '#features/audit/index.ts'
import type { FleetState } from '#features/fleet/index.ts'
import { ActorLookup } from '#features/identity/index.ts'
import {
  ClientPolicies,
  ConnectionsService,
  createMqttClientsRouter,
  ListenersService,
  MqttClientsService,
} from '#features/mqtt-clients/index.ts'
import type { Pki } from '#features/pki/index.ts'
import type { SiteService } from '#features/site/index.ts'
import type { TenantsService } from '#features/tenants/index.ts'
import type { Clock } from '#platform/clock/clock.ts'
import type { SiteDb } from '#platform/db/site-db.ts'
import type { Log } from '#platform/log/log.ts'
import type { BrokerPolicy } from './broker-link.ts'
import type { PeopleServices } from './people-services.ts'

export interface MqttServicesDependencies {
  db: SiteDb
  clock: Clock
  log: Log
  audit: AuditService
  tenants: TenantsService
  site: SiteService
  pki: Pki
  broker: Broker
  policy: BrokerPolicy
  state: FleetState
  /** Who tells that rights of people changed: their own clients follow. */
  people: Pick<PeopleServices, 'accountChanged' | 'roleChanged'>
  /** Listeners that a flag or the environment turns on, in place of what is saved. */
  listenerOverrides: Partial<MqttListeners>
  /** What clients are told to try, the address that a person chose first. */
  hosts(): string[]
}

export type MqttServices = ReturnType<typeof createMqttServices>

/** MQTT clients, who is connected, and the listeners that a person turns on. */
export function createMqttServices(dependencies: MqttServicesDependencies, procedures: Procedures) {
  const { db, clock, log, audit, tenants, site, pki, broker, policy, state, people, hosts } = dependencies
  const policies = new ClientPolicies({ db, clock, actors: new ActorLookup({ db, tenants }), broker: policy })
  const follow = () => {
    policies
      .reconcile()
      .catch((err: unknown) => log.error({ err }, 'MQTT clients did not follow the rights of people'))
  }
  people.accountChanged.subscribe(follow)
  people.roleChanged.subscribe(follow)
  const service = new MqttClientsService({
    db,
    clock,
    audit,
    tenants,
    pki,
    policies,
    hashPassword: hashMqttPassword,
  })
  const connections = new ConnectionsService({ db, log, audit, broker, gateway: (id) => state.row(id) })
  const listeners = new ListenersService({
    db,
    audit,
    overrides: dependencies.listenerOverrides,
    open: async (wanted) => portsOf(await broker.openListeners(optionalListeners(wanted, site))),
  })
  site.mqttListeners = () => listeners.open
  const router = createMqttClientsRouter(procedures, {
    service,
    connections,
    listeners,
    addresses: (open) => {
      const host = hosts()[0] ?? 'localhost'
      const name = host.includes(':') ? `[${host}]` : host
      const { passwordMqtts, websocket } = open
      return {
        mqtts: `mqtts://${name}:${site.network().ports.mqtts}`,
        passwordMqtts: passwordMqtts === null ? null : `mqtts://${name}:${passwordMqtts}`,
        websocket: websocket === null ? null : `wss://${name}:${websocket}/mqtt`,
      }
    },
  })
  return { policies, service, connections, listeners, router }
}

/** Where the listeners that are wanted listen: at the addresses of the site. */
export function optionalListeners(wanted: MqttListeners, site: SiteService): OptionalListeners {
  const { addresses } = site.network()
  const at = (port: number | null) => (port === null ? null : { addresses, port })
  return { passwordMqtts: at(wanted.passwordMqtts), websocket: at(wanted.websocket) }
}

/** The ports that are open. */
export function portsOf({ passwordMqtts, websocket }: BrokerAddresses): MqttListeners {
  return { passwordMqtts: passwordMqtts[0]?.port ?? null, websocket: websocket[0]?.port ?? null }
}
