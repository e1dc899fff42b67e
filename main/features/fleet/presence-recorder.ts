import type { Clock } from '#platform/clock/clock.ts'
import type { SiteDb, SiteTrx } from '#platform/db/site-db.ts'
import { BatchedWrites } from '#platform/events/batched-writes.ts'
import { Topic } from '#platform/events/topic.ts'
import type { Log } from '#platform/log/log.ts'
import type { FleetService } from './fleet.service.ts'
import type { FleetState } from './fleet-state.ts'
import { activate, updateGateway } from './gateways.repository.ts'
import { closeOpenPresence, type HistoryEntry, insertHistory } from './history.repository.ts'
import { type RefusalFact, recordRefusal, trimRefusals } from './refusals.repository.ts'

interface PresenceFact {
  type: 'presence'
  gatewayId: string
  online: boolean
  at: number
  reason: string | null
  proved: Proved | null
}

/** What a session came with: a certificate, a secret, or both. */
interface Proved {
  fingerprint: string
  secretId: string | null
}
type Fact = PresenceFact | { type: 'refusal'; refusal: RefusalFact }

/** What changed about one gateway beside its row in lists. */
export interface GatewayChange {
  gatewayId: string
  what: 'gateway' | 'history' | 'refusals' | 'channels' | 'commands'
}

export interface PresenceDependencies {
  db: SiteDb
  clock: Clock
  log: Log
  state: FleetState
  fleet: FleetService
  /** The first session of a new credential ends its hand-over. */
  onCredentialsProved(proved: Proved[]): Promise<void>
}

/**
 * Writes down what the broker tells of connections: every change of presence, every refusal, the first session of
 * a claimed gateway. In memory at once, on disk in batches.
 */
export class PresenceRecorder {
  readonly #dependencies: PresenceDependencies
  readonly #writes: BatchedWrites<Fact>
  readonly changed: Topic<GatewayChange>
  /** A refusal is written, of a known gateway or of nobody's. */
  readonly refusalWritten: Topic<RefusalFact>
  /** The site played a gateway and was refused: nothing that happened to the gateway. */
  readonly probeRefused: Topic<RefusalFact>

  constructor(dependencies: PresenceDependencies) {
    this.#dependencies = dependencies
    this.changed = new Topic((err) =>
      dependencies.log.error({ err }, 'a change of a gateway was not followed'),
    )
    this.probeRefused = new Topic()
    this.refusalWritten = new Topic((err) => dependencies.log.error({ err }, 'a refusal was not followed'))
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

  wentOnline(fact: { gatewayId: string; at: number; address: string } & Proved): void {
    this.#dependencies.state.setOnline(fact.gatewayId, true, fact.at)
    this.#writes.add({
      type: 'presence',
      gatewayId: fact.gatewayId,
      online: true,
      at: fact.at,
      reason: fact.address,
      proved: { fingerprint: fact.fingerprint, secretId: fact.secretId },
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
      proved: null,
    })
  }

  refused(refusal: RefusalFact): void {
    const { state, fleet } = this.#dependencies
    if (refusal.fingerprint !== null && fleet.isProbe(refusal.fingerprint)) {
      this.probeRefused.emit(refusal)
      return
    }
    if (refusal.gatewayId !== null) {
      state.setRefusal(refusal.gatewayId, { reason: refusal.reason, at: refusal.at, count: refusal.count })
    }
    this.#writes.add({ type: 'refusal', refusal })
  }

  async #write(facts: Fact[]): Promise<void> {
    const { db } = this.#dependencies
    const proved: Proved[] = []
    const activated: string[] = []
    await db.transaction().execute(async (trx) => {
      const history: HistoryEntry[] = []
      for (const fact of facts) {
        if (fact.type === 'refusal')
          await recordRefusal(trx, fact.refusal, this.#tenantOf(fact.refusal.gatewayId))
        else history.push(...(await this.#writePresence(trx, fact)))
      }
      await insertHistory(trx, history)
      if (facts.some((fact) => fact.type === 'refusal')) await trimRefusals(trx)
      for (const { gatewayId, value } of history) if (value === 'active') activated.push(gatewayId)
    })
    for (const fact of facts) if (fact.type === 'presence' && fact.proved !== null) proved.push(fact.proved)
    await this.#afterSessions(proved, activated)
    for (const fact of facts) this.#announce(fact)
  }

  async #writePresence(trx: SiteTrx, fact: PresenceFact): Promise<HistoryEntry[]> {
    const { gatewayId, at, online, reason } = fact
    const tenantId = this.#tenantOf(gatewayId)
    if (tenantId === null) return []
    await updateGateway(trx, gatewayId, { lastSeenAt: at })
    const presence = online ? 'online' : 'offline'
    const entries: HistoryEntry[] = [
      { gatewayId, tenantId, kind: 'presence', value: presence, at, reason, actor: null },
    ]
    // Asked of the store, not of memory: whoever suspended or revoked it meanwhile must not be overruled.
    if (online && (await activate(trx, gatewayId, at))) {
      const first = 'first session'
      entries.push({ gatewayId, tenantId, kind: 'state', value: 'active', at, reason: first, actor: null })
    }
    return entries
  }

  #tenantOf(gatewayId: string | null): string | null {
    return gatewayId === null ? null : (this.#dependencies.state.row(gatewayId)?.tenantId ?? null)
  }

  async #afterSessions(proved: Proved[], activated: string[]): Promise<void> {
    const { fleet, onCredentialsProved } = this.#dependencies
    for (const gatewayId of new Set(activated)) await fleet.refresh(gatewayId)
    if (proved.length > 0) await onCredentialsProved(proved)
  }

  #announce(fact: Fact): void {
    if (fact.type === 'presence') {
      this.changed.emit({ gatewayId: fact.gatewayId, what: 'history' })
      if (fact.online) this.changed.emit({ gatewayId: fact.gatewayId, what: 'gateway' })
      return
    }
    const { gatewayId } = fact.refusal
    if (gatewayId !== null) this.changed.emit({ gatewayId, what: 'refusals' })
    this.refusalWritten.emit(fact.refusal)
  }
}
