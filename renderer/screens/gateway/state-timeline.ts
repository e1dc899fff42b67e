import type { GatewayEvent, RefusalRecord } from '#contract/api/gateways.ts'
import type { GatewayState } from '#contract/model/gateway.ts'

export const timelineStates = ['online', 'offline', 'refused', 'suspended', 'revoked', 'waiting'] as const
export type TimelineState = (typeof timelineStates)[number]

export interface TimelineSpan {
  state: TimelineState
  /** ms. */
  from: number
  /** ms, exclusive. */
  to: number
}

export interface Timeline {
  spans: TimelineSpan[]
  /** ms in each state. */
  totals: Record<TimelineState, number>
  /** Share of the time that it was there to be online, 0 to 1; null where it never was. */
  onlineShare: number | null
}

interface Now {
  state: GatewayState
  online: boolean
  /** ms. */
  createdAt: number
}

/**
 * What a gateway was from `from` to `to`, read backwards from what it is now through the changes in between. While
 * offline, spans in which the site turned it away are `refused`.
 */
export function timelineOf(
  events: readonly GatewayEvent[],
  refusals: readonly RefusalRecord[],
  now: Now,
  from: number,
  to: number,
): Timeline {
  const changes = events
    .map((event) => ({ at: event.at.getTime(), kind: event.kind, value: event.value }))
    .filter((event) => event.at >= from && event.at < to)
    .sort((a, b) => a.at - b.at)
  const spans: TimelineSpan[] = []
  let { state, online } = now
  let end = to
  for (let index = changes.length - 1; index >= 0; index--) {
    const change = changes[index] as (typeof changes)[number]
    add(spans, { state: nameOf(state, online), from: change.at, to: end })
    end = change.at
    if (change.kind === 'presence') online = change.value !== 'online'
    else state = before(changes, index) ?? stateBefore(change.value)
  }
  const start = Math.max(from, Math.min(now.createdAt, to))
  if (end > start) add(spans, { state: nameOf(state, online), from: start, to: end })
  const refusedSpans = refusals.map((refusal) => ({
    from: refusal.firstAt.getTime(),
    to: refusal.lastAt.getTime() + 1_000,
  }))
  const split = spans
    .reverse()
    .flatMap((span) => (span.state === 'offline' ? splitBy(span, refusedSpans) : [span]))
  const totals = Object.fromEntries(timelineStates.map((name) => [name, 0])) as Timeline['totals']
  for (const span of split) totals[span.state] += span.to - span.from
  const could = totals.online + totals.offline + totals.refused
  return { spans: split, totals, onlineShare: could === 0 ? null : totals.online / could }
}

function nameOf(state: GatewayState, online: boolean): TimelineState {
  if (state === 'suspended' || state === 'revoked') return state
  if (online) return 'online'
  return state === 'active' ? 'offline' : 'waiting'
}

/** The state that an earlier change in the window led to. */
function before(changes: readonly { kind: string; value: string }[], index: number): GatewayState | null {
  for (let earlier = index - 1; earlier >= 0; earlier--) {
    const change = changes[earlier]
    if (change?.kind === 'state') return change.value as GatewayState
  }
  return null
}

/** Without an earlier change only the state machine tells what was before. */
function stateBefore(value: string): GatewayState {
  return value === 'active' ? 'claimed' : value === 'claimed' ? 'unclaimed' : 'active'
}

/** Newest first: spans are pushed from now backwards. */
function add(spans: TimelineSpan[], span: TimelineSpan): void {
  if (span.to <= span.from) return
  const newer = spans.at(-1)
  if (newer !== undefined && newer.state === span.state && newer.from === span.to) newer.from = span.from
  else spans.push(span)
}

function splitBy(span: TimelineSpan, refused: readonly { from: number; to: number }[]): TimelineSpan[] {
  let parts: TimelineSpan[] = [span]
  for (const { from, to } of refused) {
    parts = parts.flatMap((part) => {
      if (part.state !== 'offline' || to <= part.from || from >= part.to) return [part]
      const cut: TimelineSpan[] = [
        { state: 'offline', from: part.from, to: Math.max(part.from, from) },
        { state: 'refused', from: Math.max(part.from, from), to: Math.min(part.to, to) },
        { state: 'offline', from: Math.min(part.to, to), to: part.to },
      ]
      return cut.filter((piece) => piece.to > piece.from)
    })
  }
  return parts
}
