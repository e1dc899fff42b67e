import type { Overview } from '#contract/api/overview.ts'
import { assertNever } from '#contract/errors.ts'
import type { FleetStatus } from '#contract/model/gateway.ts'
import type { Mark } from '#renderer/ui/state-mark.tsx'

export type AttentionItem = Overview['attention'][number]
export type EventItem = Overview['events'][number]

/** Every state but online, worst first: the order in which they are told. */
export const exceptions = [
  'offline',
  'refused',
  'stale',
  'waiting',
  'suspended',
  'revoked',
] as const satisfies FleetStatus[]

export function attentionMark(kind: AttentionItem['kind']): Mark {
  switch (kind) {
    case 'offline':
    case 'refused':
    case 'stale':
      return kind
    case 'certificate_due':
      return 'due'
    case 'store_stalled':
      return 'failed'
    case 'fold_failed':
    case 'blocks_damaged':
    case 'budget_used_up':
    case 'cloud_stopped':
      return 'failed'
    case 'cloud_tenant_stopped':
      return 'refused'
    case 'budget_near':
    case 'disk_short':
      return 'due'
    case 'credential_waiting':
      return 'waiting'
    default:
      return assertNever(kind)
  }
}

/** Normal events carry no mark: what stands out is what is wrong. */
export function eventMark(kind: EventItem['kind']): Mark | null {
  switch (kind) {
    case 'offline':
    case 'refused':
    case 'suspended':
    case 'revoked':
      return kind
    case 'online':
    case 'claimed':
    case 'active':
    case 'unclaimed':
    case 'signed_in':
    case 'month_retired':
    case 'fold_recovered':
      return null
    case 'month_evicted':
    case 'expired_on_arrival':
      return 'due'
    case 'budget_exceeded':
    case 'block_damaged':
    case 'fold_failed':
      return 'failed'
    default:
      return assertNever(kind)
  }
}

/** Where the one action of an item leads. */
export function attentionTarget(item: AttentionItem): {
  to: string
  params?: { gatewayId: string }
  search?: Record<string, string>
} {
  const gateway = (tab: string) =>
    item.gatewayId === null
      ? { to: '/fleet' }
      : { to: '/gateways/$gatewayId', params: { gatewayId: item.gatewayId }, search: { tab } }
  switch (item.kind) {
    case 'offline':
      return gateway('history')
    case 'refused':
      return gateway('refusals')
    case 'stale':
      return gateway('readings')
    case 'credential_waiting':
      return gateway('readings')
    case 'certificate_due':
      return item.gatewayId === null ? { to: '/fleet', search: { view: 'due' } } : gateway('certificate')
    case 'store_stalled':
    case 'fold_failed':
    case 'blocks_damaged':
    case 'budget_used_up':
    case 'budget_near':
    case 'disk_short':
      return { to: '/settings' }
    case 'cloud_stopped':
    case 'cloud_tenant_stopped':
      return { to: '/cloud' }
    default:
      return assertNever(item.kind)
  }
}
