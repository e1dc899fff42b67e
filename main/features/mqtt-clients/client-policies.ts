import { permissionsOf } from '#features/access/index.ts'
import type { ActorLookup } from '#features/identity/index.ts'
import type { Clock } from '#platform/clock/clock.ts'
import type { SiteDb } from '#platform/db/site-db.ts'
import { oneAtATime } from '#platform/events/one-at-a-time.ts'
import {
  type ClientReach,
  clientPolicyOf,
  type MqttClientPolicy,
  type MqttClientPolicyChange,
  type MqttClientPolicySink,
} from './client-policy.ts'
import { rightsWith } from './client-rights.ts'
import { allClients, clientById, clientCertificates, type MqttClientRow } from './mqtt-clients.repository.ts'

export interface ClientPoliciesDependencies {
  db: SiteDb
  clock: Clock
  actors: Pick<ActorLookup, 'person'>
  broker: MqttClientPolicySink
}

/** How far a client goes and what it may; null where its owner has no rights in the tenant any more. */
export type ClientStanding = { reach: ClientReach; rights: 'read' | 'write' | 'both' } | null

const everything: ClientReach = { groupIds: null, ownerUserId: null }

/**
 * What the broker knows of MQTT clients. A person's own follow their rights, and each ends at its time: so all are
 * compared with what was last told, whenever rights may have changed and now and then besides.
 */
export class ClientPolicies {
  readonly #dependencies: ClientPoliciesDependencies
  /** What was last told of each, as JSON. */
  readonly #told = new Map<string, string>()
  /** What is read last must be told last. */
  readonly #inTurn = oneAtATime()

  constructor(dependencies: ClientPoliciesDependencies) {
    this.#dependencies = dependencies
  }

  /** Everyone whom the broker must know at its start. */
  async all(): Promise<MqttClientPolicy[]> {
    const { db } = this.#dependencies
    const certificates = Map.groupBy(await clientCertificates(db, null), ({ mqttClientId }) => mqttClientId)
    return Promise.all(
      (await allClients(db)).map((row) => this.#policyOf(row, certificates.get(row.id) ?? [])),
    )
  }

  /** Takes note of what the broker was started with. */
  started(policies: readonly MqttClientPolicy[]): void {
    for (const policy of policies) this.#told.set(policy.clientId, JSON.stringify(policy))
  }

  /** One was made, changed or deleted. Resolves when its live sessions agree. */
  publish(id: string): Promise<void> {
    return this.#inTurn(async () => {
      const { db, broker } = this.#dependencies
      const row = await clientById(db, id)
      if (!row) {
        await broker.applyPolicy([{ op: 'remove_client', clientId: id }])
        this.#told.delete(id)
        return
      }
      await this.#tell([await this.#policyOf(row, await clientCertificates(db, id))])
    })
  }

  /** Its credentials are new: sessions that were opened with the old ones end. */
  async renewed(id: string): Promise<void> {
    await this.#inTurn(async () => {
      const { db, broker } = this.#dependencies
      const row = await clientById(db, id)
      if (!row) return
      const policy = await this.#policyOf(row, await clientCertificates(db, id))
      await broker.applyPolicy([{ op: 'put_client', client: { ...policy, access: 'suspended' } }])
      this.#told.delete(id)
    })
    await this.publish(id)
  }

  /** Rights of people, groups or tenants changed, or time went by: tells what differs. */
  reconcile(): Promise<void> {
    return this.#inTurn(async () => {
      const policies = await this.all()
      const known = new Set(policies.map(({ clientId }) => clientId))
      const gone: MqttClientPolicyChange[] = [...this.#told.keys()]
        .filter((id) => !known.has(id))
        .map((clientId) => ({ op: 'remove_client', clientId }))
      if (gone.length > 0) await this.#dependencies.broker.applyPolicy(gone)
      for (const id of this.#told.keys()) if (!known.has(id)) this.#told.delete(id)
      await this.#tell(policies)
    })
  }

  async #tell(policies: MqttClientPolicy[]): Promise<void> {
    const changed = policies.filter((policy) => this.#told.get(policy.clientId) !== JSON.stringify(policy))
    if (changed.length === 0) return
    await this.#dependencies.broker.applyPolicy(changed.map((client) => ({ op: 'put_client', client })))
    this.started(changed)
  }

  async #policyOf(
    row: MqttClientRow,
    certificates: MqttClientPolicy['certificates'],
  ): Promise<MqttClientPolicy> {
    const standing = await this.standingOf(row)
    const now = this.#dependencies.clock.now()
    const states = certificates.map(({ fingerprint, state }) => ({ fingerprint, state }))
    return clientPolicyOf(
      { ...row, rights: standing?.rights ?? row.rights },
      states,
      standing?.reach ?? null,
      now,
    )
  }

  /** A person's own client may what the person may: commands make it write, readings make it read. */
  async standingOf(row: MqttClientRow): Promise<ClientStanding> {
    const { ownerUserId, groupId, tenantId, rights } = row
    if (ownerUserId === null)
      return { reach: groupId === null ? everything : { groupIds: [groupId], ownerUserId: null }, rights }
    const owner = await this.#dependencies.actors.person({
      sessionId: '',
      userId: ownerUserId,
      tenantId,
      isSignOn: true,
    })
    if (owner.kind !== 'user' || owner.tenantId !== tenantId) return null
    // None while the account waits, for a new password that an administrator asked for.
    const may = rightsWith(permissionsOf(owner))
    if (may === null) return null
    const { scope } = owner
    const within = scope.all ? null : scope.within
    return {
      reach: within === null ? everything : { groupIds: [...within.groupIds], ownerUserId },
      rights: may,
    }
  }
}
