import type { FleetRow } from '#contract/model/gateway.ts'
import { type RefusalReason, refusalReasons } from '#contract/model/refusal.ts'
import {
  TAP_WIDTH,
  type TapBatch,
  TapColumn,
  TapFlag,
  type TapOwner,
  type TapSender,
} from '#contract/model/tapped.ts'

export interface Said {
  topic: string
  owner: TapOwner
  payload?: string | Uint8Array
  count?: number
  at?: number
  retained?: boolean
  refusal?: RefusalReason
  sender?: TapSender
}

/** A batch as the broker would send it. */
export function batchOf(said: Said[], more: Partial<TapBatch> = {}): TapBatch {
  const rows = new Float64Array(said.length * TAP_WIDTH)
  const payloads: number[] = []
  for (const [index, one] of said.entries()) {
    const payload = typeof one.payload === 'string' ? Buffer.from(one.payload) : (one.payload ?? [])
    const retained = one.retained === undefined ? 0 : one.retained ? TapFlag.retained : TapFlag.cleared
    const set = (column: number, value: number): void => {
      rows[index * TAP_WIDTH + column] = value
    }
    set(TapColumn.count, one.count ?? 1)
    set(TapColumn.at, one.at ?? 1_000)
    set(TapColumn.flags, 1 | retained)
    set(TapColumn.owner, index)
    set(TapColumn.sender, index)
    set(TapColumn.offset, payloads.length)
    set(TapColumn.kept, payload.length)
    set(TapColumn.length, payload.length)
    set(TapColumn.refusal, one.refusal ? refusalReasons.indexOf(one.refusal) + 1 : 0)
    payloads.push(...payload)
  }
  return {
    at: 1_000,
    owners: said.map(({ owner }) => owner),
    senders: said.map(({ sender = { kind: 'site' } }) => sender),
    topics: said.map(({ topic }) => topic),
    rows,
    payloads: new Uint8Array(payloads),
    followed: [],
    passedOver: [],
    missed: [],
    cleared: [],
    ...more,
  }
}

export function ofGateway(gatewayId: string, tenantId = 'north'): TapOwner {
  return { kind: 'gateway', tenantId, gatewayId }
}

/** A gateway as lists show it. */
export function gatewayRow(id: string, more: Partial<FleetRow> = {}): FleetRow {
  return {
    id,
    tenantId: 'north',
    groupId: null,
    ownerUserId: null,
    code: id.toUpperCase(),
    name: `name of ${id}`,
    label: `ESP-${id}`,
    mac: null,
    dialect: 'canonical',
    firmwareVersion: null,
    state: 'active',
    online: true,
    since: 0,
    lastSeenAt: null,
    certificateEnds: null,
    latest: null,
    rate: 0,
    refusal: null,
    ...more,
  }
}
