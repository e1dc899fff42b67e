import { setImmediate as turn } from 'node:timers/promises'
import type { MessagePort } from 'node:worker_threads'
import type { Gateway } from '#broker/auth/gateway.ts'
import { Policy } from '#broker/auth/policy.ts'
import { RefusalLog } from '#broker/events/refusal-log.ts'
import { SeenGateways } from '#broker/events/seen-gateways.ts'
import type {
  BrokerAddresses,
  BrokerConnection,
  BrokerEvent,
  BrokerStats,
  OptionalListeners,
  PolicyChange,
  ServerCredentials,
  SiteMessage,
} from '#broker/port.ts'
import { topicUse } from '#broker/tap/topic-use.ts'
import type { BrokerCalls, BrokerStart } from '#broker/worker/protocol.ts'
import { ExpectedError } from '#contract/errors.ts'
import type { TapOptions, TappedMessage, TopicUse } from '#contract/model/tapped.ts'
import {
  clientsOf,
  forgetAssignments,
  forgetLeftBehind,
  forgetSessions,
  forgetUnknown,
  leavingBy,
} from './client-traces.ts'
import { connectionOf } from './connection-of.ts'
import { forgetOldNames, namesBefore, removeRetained } from './gateway-names.ts'
import { type HostParts, openParts } from './host-parts.ts'

/** How often keepalive timers are put off while nothing is read, ms. */
const KEEPALIVE_GRACE = 1_000
/** Share of the stop deadline that readings in flight may take. */
const DRAIN_SHARE = 0.7

/** The broker inside its worker: makes the parts, starts and stops them in order, answers the engine's calls. */
export class MqttHost implements BrokerCalls {
  private readonly emit: (event: BrokerEvent) => void
  private readonly now: () => number
  private readonly policy: Policy
  private readonly refusals: RefusalLog
  private readonly seen: SeenGateways
  private acknowledged = 0
  private patience: NodeJS.Timeout | null = null
  private parts: HostParts | null = null

  /** @param now ms since 1970 */
  constructor(emit: (event: BrokerEvent) => void, now: () => number) {
    this.emit = emit
    this.now = now
    this.policy = new Policy(now)
    this.refusals = new RefusalLog((refusal) => emit({ type: 'refused', refusal }), now)
    this.seen = new SeenGateways(emit, now)
  }

  /** @throws ExpectedError `port_in_use`, `address_unavailable`, `port_forbidden`, `data_damaged`, `data_from_newer_version` */
  async start(start: BrokerStart): Promise<BrokerAddresses> {
    for (const tenant of start.tenants ?? []) this.policy.apply({ op: 'put_tenant', tenant })
    for (const dialect of start.dialects ?? []) this.policy.apply({ op: 'put_dialect', dialect })
    for (const identity of start.identities) this.policy.apply({ op: 'put', identity })
    for (const client of start.clients ?? []) this.policy.apply({ op: 'put_client', client })
    const parts = await openParts(start, {
      policy: this.policy,
      refusals: this.refusals,
      emit: this.emit,
      now: this.now,
      ingest: {
        stalled: (code, cause) => {
          this.emit({ type: 'ingestStalled', code, cause })
          this.bePatient()
        },
        recovered: () => this.emit({ type: 'ingestRecovered' }),
        committed: ({ gateways, count }) => {
          this.acknowledged += count
          this.seen.add(gateways)
        },
        pressed: () => this.bePatient(),
      },
    })
    this.parts = parts
    try {
      parts.queue.attach(start.ingest)
      await forgetUnknown(parts.persistence, this.policy)
      await parts.messages.publishStoredWills(parts.persistence, this.policy, parts.intake)
      await parts.messages.start()
      this.seen.start()
      parts.limited.start()
      parts.admission.start()
      const plain = start.plainPort === null ? null : await parts.plain.start(start.plainPort)
      await parts.listeners.start(start.mqtts, start.credentials)
      await this.openOptional(parts, start.listeners)
      return { ...parts.listeners.addresses, ...(plain && { plain }) }
    } catch (error) {
      await this.stop(0)
      throw error
    }
  }

  async stop(deadline: number): Promise<void> {
    const parts = this.parts
    if (!parts) return
    this.parts = null
    parts.listeners.stopAccepting()
    parts.plain.stopAccepting()
    parts.messages.stop()
    parts.tap.stop()
    parts.admission.stop()
    // What was read is committed and acknowledged; what was not read comes again.
    parts.gate.hold()
    await within(parts.queue.drain(), deadline * DRAIN_SHARE)
    parts.withheld.stop()
    parts.receipts.stop()
    await this.closeSessions(parts, deadline * (1 - DRAIN_SHARE))
    parts.queue.stop()
    if (this.patience) clearInterval(this.patience)
    this.seen.stop()
    parts.limited.stop()
    this.refusals.stop()
    await parts.persistence.destroy()
  }

  async applyPolicy(changes: PolicyChange[]): Promise<void> {
    const { parts } = this
    parts?.tap.beforeChanges(changes)
    const before = clientsOf(changes, this.policy)
    // Before the change counts: nobody of the new tenant may read it.
    const left = leavingBy(changes, this.policy)
    const forgotten = parts && forgetAssignments(changes, parts.persistence, this.policy)
    const waiting = waitingForBind(changes, this.policy)
    const names = namesBefore(changes, this.policy)
    const peers = new Set(changes.flatMap((change) => this.policy.apply(change)))
    if (!parts) return
    const renamed = forgetOldNames(names, parts.persistence.retained, this.policy)
    for (const change of changes) parts.messageLimits.apply(change)
    await Promise.all([forgotten, renamed, ...Array.from(peers, async (peer) => parts.watch.enforce(peer))])
    await forgetSessions(left, changes, parts.persistence, this.policy)
    for (const client of before) await forgetLeftBehind(client, parts.persistence, this.policy)
    for (const { identity, live } of waiting)
      if (live && !identity.awaitsBind) await parts.delivery.sendRetained(live)
  }

  async openListeners(listeners: OptionalListeners): Promise<BrokerAddresses> {
    await this.running.listeners.adjust(listeners)
    return this.running.listeners.addresses
  }

  async connections(): Promise<BrokerConnection[]> {
    return [...this.running.watch.live.values()].flatMap(connectionOf)
  }

  async disconnect(connectionId: string): Promise<boolean> {
    const { watch } = this.running
    const session = watch.live.get(connectionId)
    if (session) await watch.endAll([session], () => 'disconnected_by_operator')
    return session !== undefined
  }

  async tap(options: TapOptions | null): Promise<void> {
    this.running.tap.set(options)
  }

  async refusedMessages(): Promise<TappedMessage[]> {
    return this.running.tap.refusedMessages()
  }

  async topicUse(topic: string): Promise<TopicUse | null> {
    return topicUse(topic, this.policy, this.running)
  }

  async replaceCredentials(credentials: ServerCredentials): Promise<void> {
    this.running.listeners.replaceCredentials(credentials)
  }

  async publish(message: SiteMessage): Promise<void> {
    await this.running.messages.publish(message)
  }

  async confirmMessage(receipt: string): Promise<void> {
    this.running.receipts.confirm(receipt)
  }

  async forget(gatewayId: string): Promise<void> {
    const gateway = this.policy.find(gatewayId)
    if (!gateway) return
    const { persistence } = this.running
    await Promise.all([
      persistence.forget(gateway.identity.wireName, []),
      removeRetained(gateway.rules, persistence.retained),
    ])
  }

  async replaceIngest(port: MessagePort): Promise<void> {
    this.running.queue.attach(port)
  }

  async stats(): Promise<BrokerStats> {
    const { admission, watch, intake, queue, delivery, limited } = this.running
    return {
      connections: admission.connections,
      sessions: watch.live.size,
      messagesReceived: intake.messages,
      readingsReceived: intake.readings,
      readingsAcknowledged: this.acknowledged,
      readingsDropped: intake.dropped,
      refusals: this.refusals.total,
      pendingReadings: queue.pendingRows,
      messagesDropped: delivery.dropped + intake.denied,
      limited: { ...limited.totals },
    }
  }

  /** A listener that a person turned on later must not keep the gateways out: what it lacks is told. */
  private async openOptional(parts: HostParts, wanted: OptionalListeners | undefined): Promise<void> {
    for (const listener of ['password', 'websocket'] as const) {
      try {
        await parts.listeners.adjustOne(listener, wanted)
      } catch (error) {
        if (!(error instanceof ExpectedError)) throw error
        const { code, data } = error
        this.emit({ type: 'listenerFailed', listener, at: this.now(), code, data })
      }
    }
  }

  private get running(): HostParts {
    if (!this.parts) throw new Error('the broker is not running')
    return this.parts
  }

  /** While gateways are not read because the disk is slow, their silence is our doing: their keepalive waits too. */
  private bePatient(): void {
    this.patience ??= setInterval(() => {
      if (!this.parts) return
      for (const client of Object.values(this.parts.aedes.clients)) client._keepaliveTimer?.refresh()
      if (this.parts.queue.stalled || this.parts.queue.pressed) return
      if (this.patience) clearInterval(this.patience)
      this.patience = null
    }, KEEPALIVE_GRACE)
  }

  private async closeSessions({ aedes, persistence }: HostParts, deadline: number): Promise<void> {
    for (const peer of this.policy.all())
      for (const session of peer.sessions) session.endedBy ??= 'site_stopped'
    // Written acknowledgements leave the process before their sockets are destroyed.
    await turn()
    await within(new Promise<void>((resolve) => aedes.close(() => resolve())), deadline)
    // The wills were published by the closing; their records end a turn later, or here.
    await turn()
    persistence.wills.clear()
  }
}

/** Gateways that had still to acknowledge their binding, of those that these changes are about. */
function waitingForBind(changes: PolicyChange[], policy: Policy): Gateway[] {
  return changes.flatMap((change) => {
    const gateway = change.op === 'put' ? policy.find(change.identity.gatewayId) : undefined
    return gateway?.identity.awaitsBind ? [gateway] : []
  })
}

async function within(work: Promise<void>, deadline: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  await Promise.race([work, new Promise<void>((resolve) => (timer = setTimeout(resolve, deadline)))])
  clearTimeout(timer)
}
