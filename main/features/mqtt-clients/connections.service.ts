import type { MqttConnection } from '#contract/api/mqtt-clients.ts'
import { ExpectedError } from '#contract/errors.ts'
import { type Actor, type Belonging, permissionsOf, scopeOf, seesGateway } from '#features/access/index.ts'
import type { AuditDraft, AuditService } from '#features/audit/index.ts'
import type { SiteDb } from '#platform/db/site-db.ts'
import { BatchedWrites } from '#platform/events/batched-writes.ts'
import type { Log } from '#platform/log/log.ts'
import { seesClient } from './client-rights.ts'
import { allClients, updateClient } from './mqtt-clients.repository.ts'

/** A live session as the broker tells of it. */
export type LiveSession = Omit<MqttConnection, 'id' | 'name'> & { identityId: string }

interface ConnectedFact {
  clientId: string
  at: number
  address: string
}

/** Connects are on disk this much later, ms. */
const WRITE_DELAY = 500

export interface ConnectionsDependencies {
  db: SiteDb
  log: Log
  audit: AuditService
  broker: {
    connections(): Promise<LiveSession[]>
    disconnect(connectionId: string): Promise<boolean>
  }
  gateway(id: string): (Belonging & { code: string }) | undefined
}

/** Who is connected to the broker now. */
export class ConnectionsService {
  readonly #dependencies: ConnectionsDependencies
  readonly #writes: BatchedWrites<ConnectedFact>

  constructor(dependencies: ConnectionsDependencies) {
    this.#dependencies = dependencies
    this.#writes = new BatchedWrites(
      (facts) => this.#write(facts),
      WRITE_DELAY,
      (err) => dependencies.log.warn({ err }, 'connections of MQTT clients were not noted'),
    )
  }

  /** What was noted is on disk then. */
  stop(): Promise<void> {
    return this.#writes.flush()
  }

  /** Of clients in scope, and of gateways for those who see these; the newest first. */
  async list(actor: Actor): Promise<MqttConnection[]> {
    const { db, broker, gateway } = this.#dependencies
    const scope = scopeOf(actor)
    const seesGateways = permissionsOf(actor).includes('gateways:read')
    const [sessions, rows] = await Promise.all([broker.connections(), allClients(db)])
    const clients = new Map(rows.map((row) => [row.id, row]))
    const found = sessions.flatMap(({ identityId, ...session }) => {
      const client = session.kind === 'client' ? clients.get(identityId) : undefined
      const box = session.kind === 'gateway' && seesGateways ? gateway(identityId) : undefined
      const isSeen = client ? seesClient(scope, client) : box !== undefined && seesGateway(scope, box)
      const name = client?.name ?? box?.code
      return isSeen && name !== undefined ? [connectionOf(session, identityId, name)] : []
    })
    return found.toSorted((a, b) => b.since - a.since)
  }

  /**
   * Ends a session; whoever it was may connect again.
   * @throws ExpectedError `not_found`; `forbidden` for a gateway's without `gateways:write`
   */
  async disconnect(actor: Actor, connectionId: string, audit: AuditDraft): Promise<{ connectionId: string }> {
    const { broker, audit: log } = this.#dependencies
    const session = (await this.list(actor)).find((one) => one.connectionId === connectionId)
    const gone = () => new ExpectedError('not_found', { what: 'connection', id: connectionId })
    if (!session) throw gone()
    const kind = session.kind === 'gateway' ? 'gateway' : 'mqtt_client'
    const { address, mqttClientId, listener } = session
    audit.about(kind, session.id, session.tenantId, { mqttClientId, listener, address })
    if (session.kind === 'gateway' && !permissionsOf(actor).includes('gateways:write'))
      throw new ExpectedError('forbidden', { permission: 'gateways:write' })
    if (!(await broker.disconnect(connectionId))) throw gone()
    await log.record(audit, 'done')
    return { connectionId }
  }

  /** A client connected: when and from where is shown in the list, soon. */
  noteConnected({ clientId, at, address }: ConnectedFact): void {
    this.#writes.add({ clientId, at, address })
  }

  /** A client that reconnects in a loop costs no more than one that stays. */
  async #write(facts: ConnectedFact[]): Promise<void> {
    const newest = new Map(facts.map((fact) => [fact.clientId, fact]))
    await this.#dependencies.db.transaction().execute(async (trx) => {
      for (const { clientId, at, address } of newest.values())
        await updateClient(trx, clientId, { lastConnectedAt: at, lastAddress: address })
    })
  }
}

function connectionOf(session: Omit<LiveSession, 'identityId'>, id: string, name: string): MqttConnection {
  const { connectionId, kind, tenantId, mqttClientId, address, listener, tls, since } = session
  const { subscriptions, received, sent } = session
  return {
    connectionId,
    kind,
    id,
    name,
    tenantId,
    mqttClientId,
    address,
    listener,
    tls,
    since,
    subscriptions,
    received,
    sent,
  }
}
