import { defaultQuotas, HOUR, hourOf } from '#contract/model/quota.ts'
import { isWhole, seesGateway, type TenantScope } from '#features/access/index.ts'
import {
  type FleetService,
  type FleetState,
  gatewayHistory,
  recentStrangers,
  strangersRefusals,
} from '#features/fleet/index.ts'
import type { LimitsService } from '#features/limits/index.ts'
import type { Clock } from '#platform/clock/clock.ts'
import type { SiteDb } from '#platform/db/site-db.ts'
import type { Case, Doors, GatewayRow, LiveSession, PresenceEvent, Seen } from './case.ts'
import {
  certificatesOf,
  knocksOf,
  refusalsInScope,
  tenantCount,
  tenantHour,
  together,
  unfetchedSince,
} from './doctor.repository.ts'
import { messageReasons } from './rules/message-rules.ts'
import type { Subject } from './subject.ts'

/** Older refusals say nothing of now, ms. */
const KEPT = 30 * 24 * HOUR
const EVENTS = 300
const STRANGERS = 300

export interface GatherDependencies {
  db: SiteDb
  clock: Clock
  fleet: FleetService
  state: FleetState
  limits: LimitsService
  /** Live sessions of everyone, as the broker has them. */
  connections(): Promise<LiveSession[]>
  /** Names of MQTT clients, for those who may see them. */
  doors(): Promise<Doors>
  /** How a gateway is told to call itself, and its topics. */
  wireOf(gateway: GatewayRow): {
    clientId: string
    username: string | null
    publish: string[]
    subscribe: string[]
  }
  stalledSince(): number | null
}

/** Everything that is known about a subject, and within the scope. */
export class Gather {
  readonly #dependencies: GatherDependencies

  constructor(dependencies: GatherDependencies) {
    this.#dependencies = dependencies
  }

  async about(subject: Subject, given: string, scope: TenantScope): Promise<Case> {
    const empty = await this.#empty(subject, given)
    if (subject.kind === 'unknown') return empty
    // Of boxes that belong to nobody only those learn who would have to deal with them.
    const seesStrangers = scope.all || (isWhole(scope) && (await tenantCount(this.#dependencies.db)) === 1)
    if (subject.kind === 'gateway') return this.#gateway(empty, subject.row.id, { scope, seesStrangers })
    if (subject.kind === 'address') return this.#address(empty, subject.address, { scope, seesStrangers })
    return seesStrangers ? this.#box(empty, subject) : empty
  }

  async #empty({ kind }: Subject, given: string): Promise<Case> {
    const { clock, doors, stalledSince } = this.#dependencies
    return {
      now: clock.now(),
      kind,
      given,
      subject: given,
      gateway: null,
      row: null,
      connection: null,
      neighbours: [],
      refusals: [],
      strangers: [],
      elsewhere: [],
      swapped: [],
      presence: [],
      lastOnlineAt: null,
      lastAddress: null,
      certificates: [],
      knocks: [],
      limited: null,
      quota: { messages: 0, quota: 0, until: 0 },
      clientId: '',
      username: null,
      topics: { publish: [], subscribe: [] },
      stateReason: null,
      unfetchedSince: null,
      stalledSince: stalledSince(),
      doors: await doors(),
    }
  }

  async #gateway(empty: Case, id: string, { scope, seesStrangers }: Sight): Promise<Case> {
    const { db, fleet, state, wireOf, connections } = this.#dependencies
    const { now } = empty
    const since = now - KEPT
    const gateway = await fleet.find(scope, { gateway: id })
    const { clientId, username, publish, subscribe } = wireOf(gateway)
    const clientIds = [
      ...new Set([clientId, ...(gateway.mac ? [gateway.mac, gateway.mac.replaceAll(':', '')] : [])]),
    ]
    const [rows, history, sessions, certificates] = await Promise.all([
      refusalsInScope(db, scope, { gatewayId: id, since }),
      gatewayHistory(db, scope, { gatewayId: id, since, limit: EVENTS }),
      connections(),
      certificatesOf(db, id),
    ])
    const presence = history.flatMap(({ kind, value, at, reason }): PresenceEvent[] =>
      kind === 'presence' ? [{ at, online: value === 'online', reason }] : [],
    )
    const begun = presence.find(({ online }) => online)
    const connection =
      sessions.find(({ kind, identityId }) => kind === 'gateway' && identityId === id) ?? null
    const lastOnlineAt = connection?.since ?? begun?.at ?? null
    const lastAddress = connection?.address ?? begun?.reason ?? null
    const changed = history.find(({ kind }) => kind === 'state')
    const shared: Case = {
      ...empty,
      subject: gateway.code,
      gateway,
      row: state.row(id) ?? null,
      connection,
      presence,
      lastOnlineAt,
      lastAddress,
      certificates,
      clientId,
      username,
      topics: { publish, subscribe },
      stateReason: changed ? { at: changed.at, actor: changed.actor, reason: changed.reason } : null,
    }
    const strangers = seesStrangers ? await this.#strangers(shared, { clientIds, since }) : nobody
    const isLater = ({ lastAt }: Seen) => lastOnlineAt === null || lastAt > lastOnlineAt
    return {
      ...shared,
      refusals: together(rows).filter((seen) =>
        messageReasons.has(seen.reason) ? seen.lastAt > now - 24 * HOUR : isLater(seen),
      ),
      strangers: connection === null ? strangers.own.filter(isLater) : [],
      elsewhere: connection === null && lastOnlineAt === null ? strangers.elsewhere : [],
      neighbours: this.#neighbours(sessions, { id, lastAddress, scope }),
      swapped: await this.#swapped(scope, { id, clientIds, since: Math.max(since, lastOnlineAt ?? 0) }),
      knocks: seesStrangers
        ? await knocksOf(db, { mac: gateway.mac, label: gateway.label, address: null, gatewayId: id })
        : [],
      unfetchedSince: await unfetchedSince(db, id),
      limited: await this.#limited(scope, id, now),
      quota: await this.#quota(gateway.tenantId, now),
    }
  }

  async #address(empty: Case, address: string, { scope, seesStrangers }: Sight): Promise<Case> {
    const { db, connections } = this.#dependencies
    const since = empty.now - KEPT
    const own = await refusalsInScope(db, scope, { address, since })
    const strange = seesStrangers
      ? await strangersRefusals(db, { addresses: [address], clientIds: [], since, limit: STRANGERS })
      : []
    const sessions = (await connections()).filter((session) => session.address === address)
    const connection = sessions.find((session) => this.#nameOf(session, scope) !== null) ?? null
    return {
      ...empty,
      subject: address,
      lastAddress: address,
      connection,
      refusals: together([...own, ...strange]).filter(
        ({ lastAt, reason }) =>
          connection === null || lastAt > connection.since || messageReasons.has(reason),
      ),
      neighbours: this.#neighbours(sessions, { id: '', lastAddress: address, scope }),
      knocks: seesStrangers ? await knocksOf(db, { mac: null, label: null, address, gatewayId: null }) : [],
    }
  }

  async #box(empty: Case, { mac, label }: { mac: string | null; label: string | null }): Promise<Case> {
    const { db } = this.#dependencies
    const clientIds = mac === null ? [label ?? ''] : [mac, mac.replaceAll(':', '')]
    const since = empty.now - KEPT
    const named = { ...empty, clientId: clientIds.at(-1) ?? '' }
    const { own } = await this.#strangers(named, { clientIds, since })
    return {
      ...named,
      refusals: own,
      knocks: await knocksOf(db, { mac, label, address: null, gatewayId: null }),
    }
  }

  /** Those that may be the subject, and of the last hour the others. */
  async #strangers(
    about: Case,
    { clientIds, since }: { clientIds: readonly string[]; since: number },
  ): Promise<{ own: Seen[]; elsewhere: Seen[] }> {
    const { db } = this.#dependencies
    const addresses = about.lastAddress === null ? [] : [about.lastAddress]
    const [near, recent] = await Promise.all([
      strangersRefusals(db, { addresses, clientIds, since, limit: STRANGERS }),
      recentStrangers(db, { since: about.now - 24 * HOUR, limit: STRANGERS }),
    ])
    const names = [...clientIds, about.gateway?.id ?? ''].filter((name) => name !== '')
    const shows = (evidence: string | null) =>
      names.some((name) => evidence?.toLowerCase().includes(`cn=${name}`))
    const mine = recent.filter(({ evidence }) => shows(evidence))
    const own = new Map([...near, ...mine].map((row) => [row.id, row]))
    const others = recent.filter(({ id, lastAt }) => !own.has(id) && lastAt > about.now - HOUR)
    return { own: together([...own.values()]), elsewhere: together(others, ({ address }) => address) }
  }

  /** Whose sessions come from where it was last. */
  #neighbours(
    sessions: readonly LiveSession[],
    { id, lastAddress, scope }: { id: string; lastAddress: string | null; scope: TenantScope },
  ): Case['neighbours'] {
    return sessions.flatMap((session) => {
      const name =
        session.identityId === id || session.address !== lastAddress ? null : this.#nameOf(session, scope)
      return name === null ? [] : [{ name, address: session.address }]
    })
  }

  /** Code of a gateway in scope; an MQTT client is none that a gateway could be taken for. */
  #nameOf({ kind, identityId }: LiveSession, scope: TenantScope): string | null {
    const row = kind === 'gateway' ? this.#dependencies.state.row(identityId) : undefined
    return row && seesGateway(scope, row) ? row.code : null
  }

  async #swapped(
    scope: TenantScope,
    { id, clientIds, since }: { id: string; clientIds: readonly string[]; since: number },
  ): Promise<Case['swapped']> {
    const rows = await refusalsInScope(this.#dependencies.db, scope, { clientIds, since })
    return rows
      .filter(({ gatewayId, reason }) => gatewayId !== id && reason === 'client_id_mismatch')
      .flatMap((row) => together([row]).map((seen) => ({ seen, owner: row.owner })))
  }

  async #limited(scope: TenantScope, gatewayId: string, now: number): Promise<Case['limited']> {
    const from = now - HOUR
    const hours = await this.#dependencies.limits.limitedGateways(scope, {
      gatewayId,
      tenantId: null,
      from,
      limit: 3,
    })
    const sum = (of: 'dropped' | 'delayed' | 'closed') => hours.reduce((all, hour) => all + hour[of], 0)
    const counts = { dropped: sum('dropped'), delayed: sum('delayed'), closed: sum('closed') }
    if (counts.dropped + counts.delayed + counts.closed === 0) return null
    return { since: Math.min(...hours.map(({ at }) => at.getTime())), ...counts }
  }

  async #quota(tenantId: string, now: number): Promise<Case['quota']> {
    const hour = hourOf(now)
    const { messages, messagesPerHour } = await tenantHour(this.#dependencies.db, tenantId, hour)
    return { messages, quota: messagesPerHour ?? defaultQuotas.messagesPerHour, until: hour + HOUR }
  }
}

interface Sight {
  scope: TenantScope
  seesStrangers: boolean
}

const nobody = { own: [], elsewhere: [] }
