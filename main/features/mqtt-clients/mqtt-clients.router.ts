import { setTimeout as after } from 'node:timers/promises'
import type { MqttListeners } from '#contract/api/mqtt-clients.ts'
import { ExpectedError } from '#contract/errors.ts'
import type { Actor, PersonActor, Procedures } from '#features/access/index.ts'
import type { ConnectionsService } from './connections.service.ts'
import type { ListenersService } from './listeners.service.ts'
import type { MqttClientsService } from './mqtt-clients.service.ts'

/** How often the list of live sessions is looked at, ms. */
const EVERY = 2_000

export interface MqttClientsRouterDependencies {
  service: MqttClientsService
  connections: ConnectionsService
  listeners: ListenersService
  /** `mqtts://host:port` and `wss://host:port/mqtt`; null where the listener is off. */
  addresses(open: MqttListeners): { mqtts: string; passwordMqtts: string | null; websocket: string | null }
}

export function createMqttClientsRouter(
  { mqttClients }: Procedures,
  { service, connections, listeners, addresses }: MqttClientsRouterDependencies,
) {
  const brokerUrl = () => {
    const { passwordMqtts, websocket } = addresses(listeners.open)
    return websocket ?? passwordMqtts
  }
  return {
    list: mqttClients.list.handler(async ({ input, context }) => ({
      clients: await service.list(context.scope, input?.tenant),
      addresses: addresses(listeners.open),
      caPem: await service.caPem(),
    })),
    create: mqttClients.create.handler(({ input, context }) =>
      service.create(context.actor, input, context.audit),
    ),
    update: mqttClients.update.handler(({ input: { client, ...changes }, context }) =>
      service.update(context.actor, client, changes, context.audit),
    ),
    rotate: mqttClients.rotate.handler(({ input: { client, credentials }, context }) =>
      service.rotate(context.actor, client, credentials, context.audit),
    ),
    suspend: mqttClients.suspend.handler(({ input, context }) =>
      service.setState(context.actor, input.client, 'suspended', context.audit),
    ),
    resume: mqttClients.resume.handler(({ input, context }) =>
      service.setState(context.actor, input.client, 'active', context.audit),
    ),
    delete: mqttClients.delete.handler(({ input, context }) =>
      service.delete(context.scope, input.client, context.audit),
    ),
    own: mqttClients.own.handler(async ({ context }) => {
      const { username, prefix, rights, createdAt, passwordSetAt } = await service.own(
        personOf(context.actor),
      )
      return {
        mqttUser: username,
        topicPrefix: prefix,
        brokerUrl: brokerUrl(),
        rights,
        createdAt,
        passwordSetAt,
      }
    }),
    rotateOwn: mqttClients.rotateOwn.handler(async ({ context }) => {
      const { client, password } = await service.rotateOwn(personOf(context.actor), context.audit)
      return {
        mqttUser: client.username,
        mqttPassword: password,
        topicPrefix: client.prefix,
        brokerUrl: brokerUrl(),
      }
    }),
    connections: mqttClients.connections.handler(async ({ context }) => ({
      connections: await connections.list(context.actor),
    })),
    watchConnections: mqttClients.watchConnections.handler(async function* ({ context, signal }) {
      for (;;) {
        yield { connections: await connections.list(context.actor) }
        if (signal?.aborted) return
        await after(EVERY, undefined, { ...(signal && { signal }), ref: false }).catch(() => undefined)
        if (signal?.aborted) return
      }
    }),
    disconnect: mqttClients.disconnect.handler(({ input, context }) =>
      connections.disconnect(context.actor, input.connectionId, context.audit),
    ),
    listeners: mqttClients.listeners.handler(() => listeners.state),
    updateListeners: mqttClients.updateListeners.handler(({ input, context }) =>
      listeners.update(input, context.audit),
    ),
  }
}

/** @throws ExpectedError `not_a_person` */
function personOf(actor: Actor): PersonActor {
  if (actor.kind !== 'user') throw new ExpectedError('not_a_person')
  return actor
}
