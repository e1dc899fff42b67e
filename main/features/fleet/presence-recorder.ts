import type { Clock } from '#platform/clock/clock.ts'
import type { SiteDb } from '#platform/db/site-db.ts'
import { BatchedWrites } from '#platform/events/batched-writes.ts'
import { Topic } from '#platform/events/topic.ts'
import type { Log } from '#platform/log/log.ts'
import type { FleetService } from './fleet.service.ts'
import type { FleetState } from './fleet-state.ts'
import { updateGateway } from './gateways.repository.ts'
import { closeOpenPresence, insertHistory } from './history.repository.ts'
import { type RefusalFact, recordRefusal, trimRefusals } from './refusals.repository.ts'

type Fact =
  | {
      type: 'presence'
      gatewayId: string
      online: boolean
      at: number
      reason: string | null
      fingerprint: string | null
    }
  | { type: 'refusal'; refusal: RefusalFact }

/** What changed about one gateway beside its row in lists. */
export interface GatewayChange {
  gatewayId: string
  what: 'gateway' | 'history' | 'refusals' | 'channels'
}

export interface PresenceDependencies {
  db: SiteDb
  clock: Clock
  log: Log
  state: FleetState
  fleet: FleetService
  /** The first session of a new credential ends its hand-over. */
  onCredentialProved(fingerprint: string): Promise<void>
}

/**
 * Writes down what the broker tells of connections: every change of presence, every refusal, the first session of
 * a claimed gateway. In memory at once, on disk in batches.
 */
export class PresenceRecorder {
  readonly #dependencies: PresenceDependencies
  readonly #writes: BatchedWrites<Fact>
  readonly changed = new Topic<GatewayChange>()

  constructor(dependencies: PresenceDependencies) {
    this.#dependencies = dependencies
    this.#writes = new BatchedWrites(
      (facts) => this.#write(facts),
      100,
      (err) => dependencies.log.error({ err }, 'presence could not be written'),
    )
  }

  /** Everything is offline until it connects. */
  async start(): Promise<void> {
    const { db, clock } = this.#dependencies
    await db.transaction().execute((trx) => closeOpenPresence(trx, clock.now()))
  }

  stop(): Promise<void> {
    return this.#writes.flush()
  }

  wentOnline(fact: { gatewayId: string; at: number; address: string; fingerprint: string }): void {
    this.#dependencies.state.setOnline(fact.gatewayId, true, fact.at)
    this.#writes.add({
      type: 'presence',
      gatewayId: fact.gatewayId,
      online: true,
      at: fact.at,
      reason: fact.address,
      fingerprint: fact.fingerprint,
    })
  }

  wentOffline(fact: { gatewayId: string; at: number; reason: string }): void {
    this.#dependencies.state.setOnline(fact.gatewayId, false, fact.at)
    this.#writes.add({
      type: 'presence',
      gatewayId: fact.gatewayId,
      online: false,
      at: fact.at,
      reason: fact.reason,
      fingerprint: null,
    })
  }

  refused(refusal: RefusalFact): void {
    const { state } = this.#dependencies
    if (refusal.gatewayId !== null) {
      state.setRefusal(refusal.gatewayId, { reason: refusal.reason, at: refusal.at, count: refusal.count })
    }
    this.#writes.add({ type: 'refusal', refusal })
  }

  async #write(facts: Fact[]): Promise<void> {
    const { db, state } = this.#dependencies
    const activated: { gatewayId: string; fingerprint: string }[] = []
    await db.transaction().execute(async (trx) => {
      for (const fact of facts) {
        if (fact.type === 'refusal') {
          const tenantId =
            fact.refusal.gatewayId === null ? null : (state.row(fact.refusal.gatewayId)?.tenantId ?? null)
          await recordRefusal(trx, fact.refusal, tenantId)
          continue
        }
        const row = state.row(fact.gatewayId)
        if (!row) continue
        const value = fact.online ? 'online' : 'offline'
        await insertHistory(trx, [
          {
            gatewayId: fact.gatewayId,
            kind: 'presence',
            value,
            at: fact.at,
            reason: fact.reason,
            actor: null,
          },
        ])
        const isFirstSession = fact.online && row.state === 'claimed'
        await updateGateway(trx, fact.gatewayId, {
          lastSeenAt: fact.at,
          ...(isFirstSession && { state: 'active' as const, activatedAt: fact.at }),
        })
        if (isFirstSession) {
          await insertHistory(trx, [
            {
              gatewayId: fact.gatewayId,
              kind: 'state',
              value: 'active',
              at: fact.at,
              reason: 'first session',
              actor: null,
            },
          ])
        }
        if (fact.online && fact.fingerprint !== null)
          activated.push({ gatewayId: fact.gatewayId, fingerprint: fact.fingerprint })
      }
      if (facts.some((fact) => fact.type === 'refusal')) await trimRefusals(trx)
    })
    await this.#afterSessions(activated)
    for (const fact of facts) this.#announce(fact)
  }

  async #afterSessions(sessions: { gatewayId: string; fingerprint: string }[]): Promise<void> {
    const { state, fleet, onCredentialProved } = this.#dependencies
    for (const { gatewayId, fingerprint } of sessions) {
      await onCredentialProved(fingerprint)
      if (state.row(gatewayId)?.state === 'claimed') await fleet.refresh(gatewayId)
    }
  }

  #announce(fact: Fact): void {
    if (fact.type === 'presence') {
      this.changed.emit({ gatewayId: fact.gatewayId, what: 'history' })
      if (fact.online) this.changed.emit({ gatewayId: fact.gatewayId, what: 'gateway' })
    } else if (fact.refusal.gatewayId !== null) {
      this.changed.emit({ gatewayId: fact.refusal.gatewayId, what: 'refusals' })
    }
  }
}
