import { ExpectedError } from '#contract/errors.ts'
import type { FleetRow } from '#contract/model/gateway.ts'
import { AHEAD_TOLERANCE, EARLIEST_TS, Quality } from '#contract/model/quality.ts'
import type { ReadingValue } from '#contract/model/reading.ts'
import { type Actor, permissionsOf, scopeOf } from '#features/access/index.ts'
import type { AuditDraft } from '#features/audit/index.ts'
import type { FleetState } from '#features/fleet/index.ts'
import type { Clock } from '#platform/clock/clock.ts'
import type { AppendedReading, Historian } from '#platform/historian/historian.ts'
import type { ChannelRegistry, LiveChannel } from './channel-registry.ts'
import { checkRange } from './time-range.ts'

/** As the broker bounds them: a gateway makes up no more names. */
const MOST_CHANNELS = 2_000
/** Without a gateway all channels are looked at, each by itself. */
const MOST_LOOKED_AT = 200

/** What happened, as reference 003 writes it: one metric, or several at one time. */
export interface DeviceEvent {
  deviceId: string
  values: Record<string, ReadingValue>
  /** ms; null: now. */
  ts: number | null
}

export interface StoredEvent {
  deviceId: string
  metric: string
  value: ReadingValue
  /** ms */
  ts: number
}

export interface DeviceEventsDependencies {
  clock: Clock
  state: FleetState
  registry: ChannelRegistry
  historian: Pick<Historian, 'append' | 'raw'>
  /** The open assignment of a gateway, and its state. */
  assignmentOf(gatewayId: string): Promise<string | null>
}

/** Readings of gateways by way of HTTP, as programs of reference 003 send and ask for them. */
export class DeviceEventsService {
  readonly #dependencies: DeviceEventsDependencies

  constructor(dependencies: DeviceEventsDependencies) {
    this.#dependencies = dependencies
  }

  /**
   * Stores readings of a gateway; they are on disk when this resolves. For whoever may change gateways, or owns this one.
   * @throws ExpectedError `not_found`, `forbidden`, `gateway_state_conflict`, `input_invalid`, `disk_full`, `store_failed`
   */
  async record(
    actor: Actor,
    { deviceId, values, ts }: DeviceEvent,
    audit: AuditDraft,
  ): Promise<{ deviceId: string; ts: number; stored: number }> {
    const { clock, historian, registry } = this.#dependencies
    const gateway = this.#find(actor, deviceId)
    audit.about('gateway', gateway.id, gateway.tenantId, { code: gateway.code })
    const isOwner = actor.kind === 'user' && gateway.ownerUserId === actor.id
    if (!isOwner && !permissionsOf(actor).includes('gateways:write'))
      throw new ExpectedError('forbidden', { permission: 'gateways:write' })
    const assignmentId = await this.#dependencies.assignmentOf(gateway.id)
    if (assignmentId === null || (gateway.state !== 'claimed' && gateway.state !== 'active'))
      throw new ExpectedError('gateway_state_conflict', {
        code: gateway.code,
        state: gateway.state,
        action: 'given readings',
      })
    const known = registry.ofGateway({ all: true }, gateway.id).map(({ row }) => row.key)
    const added = Object.keys(values).filter((key) => !known.includes(key)).length
    if (known.length + added > MOST_CHANNELS)
      throw new ExpectedError('input_invalid', {
        issues: `values: ${gateway.code} has as many channels as it may have, ${MOST_CHANNELS}`,
      })
    const now = clock.now()
    const isDated = ts !== null && ts >= EARLIEST_TS
    const at = isDated ? ts : now
    const quality = !isDated ? Quality.siteTime : at > now + AHEAD_TOLERANCE ? Quality.ahead : Quality.good
    await historian.append(
      Object.entries(values).map(
        ([channel, value]): AppendedReading => ({
          assignmentId,
          channel,
          value,
          quality,
          ts: at,
          kind: typeof value === 'string' ? 'text' : typeof value === 'boolean' ? 'boolean' : 'number',
          unit: null,
        }),
      ),
    )
    return { deviceId: gateway.label, ts: at, stored: Object.keys(values).length }
  }

  /** Newest first, of what the caller may see. @throws ExpectedError `not_found`, `range_invalid`, `input_invalid` */
  async history(
    actor: Actor,
    asked: {
      deviceId: string | null
      metric: string | null
      from: number
      to: number | null
      limit: number
    },
    signal: AbortSignal,
  ): Promise<StoredEvent[]> {
    const { clock, historian } = this.#dependencies
    const { from, limit } = asked
    // What is flagged as ahead of now is there too.
    const to = asked.to ?? clock.now() + 24 * 60 * 60_000
    checkRange(from, to)
    const channels = this.#channels(actor, asked)
    if (channels.length > MOST_LOOKED_AT)
      throw new ExpectedError('input_invalid', {
        issues: `deviceId: say which gateway, or which metric: ${channels.length} channels are more than ${MOST_LOOKED_AT}`,
      })
    const found: StoredEvent[] = []
    for (const channel of channels) {
      const query = { seriesId: channel.row.seriesId, from, to, order: 'descending', limit } as const
      const { readings } = await historian.raw(query, signal)
      const deviceId = this.#dependencies.state.row(channel.row.gatewayId)?.label ?? channel.row.gatewayId
      for (const { ts, value } of readings) found.push({ deviceId, metric: channel.row.key, value, ts })
    }
    return found.toSorted((a, b) => b.ts - a.ts || (a.metric < b.metric ? -1 : 1)).slice(0, limit)
  }

  #channels(
    actor: Actor,
    { deviceId, metric }: { deviceId: string | null; metric: string | null },
  ): LiveChannel[] {
    const { registry } = this.#dependencies
    const scope = scopeOf(actor)
    const all =
      deviceId === null ? registry.all(scope) : registry.ofGateway(scope, this.#find(actor, deviceId).id)
    return metric === null ? all : all.filter(({ row }) => row.key === metric)
  }

  /** By id, label, code or MAC, in whatever case. @throws ExpectedError `not_found`, also out of scope or ambiguous */
  #find(actor: Actor, deviceId: string): FleetRow {
    const wanted = deviceId.trim().toLowerCase()
    const mac = wanted.replace(/[^0-9a-f]/g, '')
    const rows = this.#dependencies.state.rows(scopeOf(actor))
    const found = rows.filter(
      ({ id, label, code, mac: own }) =>
        id === wanted ||
        label.toLowerCase() === wanted ||
        code.toLowerCase() === wanted ||
        (own !== null && mac.length === 12 && own.replaceAll(':', '') === mac),
    )
    const [only, ...others] = found
    if (only === undefined) throw new ExpectedError('not_found', { what: 'gateway', id: deviceId })
    if (others.length === 0) return only
    // A label is unique in the site; a code is of a tenant.
    const exact = found.find(({ id, label }) => id === wanted || label.toLowerCase() === wanted)
    if (exact) return exact
    throw new ExpectedError('not_found', { what: 'single gateway', id: `${deviceId}: use its label` })
  }
}
