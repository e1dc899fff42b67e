import { describe, expect, it } from 'vitest'
import type { GatewayEvent, RefusalRecord } from '#contract/api/gateways.ts'
import { timelineOf } from './state-timeline.ts'

const event = (at: number, kind: GatewayEvent['kind'], value: string): GatewayEvent => ({
  at: new Date(at),
  kind,
  value,
  reason: null,
  actor: null,
})

const refusal = (firstAt: number, lastAt: number): RefusalRecord => ({
  id: '0190a000-0000-7000-8000-000000000001',
  gatewayId: null,
  gatewayCode: null,
  reason: 'client_id_mismatch',
  address: '10.0.0.1',
  clientId: null,
  fingerprint: null,
  topic: null,
  detail: null,
  evidence: null,
  count: 1,
  firstAt: new Date(firstAt),
  lastAt: new Date(lastAt),
})

const active = { state: 'active' as const, online: true, createdAt: 0 }

describe('state timeline', () => {
  it('is what it is now where nothing changed', () => {
    expect(timelineOf([], [], active, 1_000, 2_000)).toMatchObject({
      spans: [{ state: 'online', from: 1_000, to: 2_000 }],
      onlineShare: 1,
    })
  })

  it('reads presence backwards, whatever order the changes come in', () => {
    const events = [event(1_600, 'presence', 'online'), event(1_200, 'presence', 'offline')]
    const timeline = timelineOf(events, [], active, 1_000, 2_000)
    expect(timeline.spans).toEqual([
      { state: 'online', from: 1_000, to: 1_200 },
      { state: 'offline', from: 1_200, to: 1_600 },
      { state: 'online', from: 1_600, to: 2_000 },
    ])
    expect(timeline.totals.offline).toBe(400)
    expect(timeline.onlineShare).toBeCloseTo(0.6)
  })

  it('tells where the site turned it away while it was offline', () => {
    const timeline = timelineOf(
      [event(1_000, 'presence', 'offline')],
      [refusal(3_000, 5_000)],
      { ...active, online: false },
      0,
      10_000,
    )
    expect(timeline.spans.map((span) => [span.state, span.from, span.to])).toEqual([
      ['online', 0, 1_000],
      ['offline', 1_000, 3_000],
      ['refused', 3_000, 6_000],
      ['offline', 6_000, 10_000],
    ])
  })

  it('begins when the gateway was made, waits until its first session, and shows suspension', () => {
    const events = [
      event(1_000, 'state', 'claimed'),
      event(2_000, 'presence', 'online'),
      event(2_000, 'state', 'active'),
      event(4_000, 'state', 'suspended'),
      event(4_010, 'presence', 'offline'),
      event(6_000, 'state', 'active'),
      event(6_500, 'presence', 'online'),
    ]
    const timeline = timelineOf(events, [], { ...active, createdAt: 1_000 }, 0, 8_000)
    expect(timeline.spans.map((span) => [span.state, span.from])).toEqual([
      ['waiting', 1_000],
      ['online', 2_000],
      ['suspended', 4_000],
      ['offline', 6_000],
      ['online', 6_500],
    ])
    expect(timeline.onlineShare).toBeCloseTo(3_500 / 4_000)
  })

  it('has no share where it never could have been online', () => {
    expect(
      timelineOf([], [], { state: 'revoked', online: false, createdAt: 0 }, 0, 1_000).onlineShare,
    ).toBeNull()
  })
})
