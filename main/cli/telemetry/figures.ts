import type { RestClient } from '#client/rest-client.ts'
import { given } from '../arguments.ts'
import type { Output } from '../output.ts'
import { isoTime } from '../time-argument.ts'
import { askedOf, type SpansFlags, shown } from './span-flags.ts'

export interface ConsumptionFlags extends SpansFlags {
  rollover?: number
}

export interface OneChannelFlags {
  gateway: string
  tenant?: string
  channel?: string
  from?: number
  to?: number
  json?: boolean
}

export interface StatesFlags extends OneChannelFlags {
  buckets?: number
  interval?: string
}

export interface GapsFlags extends OneChannelFlags {
  /** ms. */
  longerThan?: number
  limit?: number
}

/** How much counters rose: a line for each span, a column for each channel. */
export async function showConsumption(
  output: Output,
  client: RestClient,
  flags: ConsumptionFlags,
): Promise<void> {
  const { buckets, interval, rollover } = flags
  const answer = await client.telemetry.increases({
    ...askedOf(flags),
    ...given({ buckets, interval, rollover }),
  })
  const { edges, columns } = answer
  const spans = edges.slice(0, -1).map((from, row) => ({
    from: isoTime(from),
    to: isoTime(edges[row + 1] ?? from),
    channels: columns.map(({ id, gateway, channel, name, unit, increase, rollovers }) => ({
      id,
      gateway,
      channel,
      name,
      unit,
      increase: increase[row] ?? null,
      rollovers: rollovers[row] ?? 0,
    })),
  }))
  if (flags.json) return output.json({ spans, damaged: answer.damaged })
  const heads = columns.map(
    ({ gateway, channel, unit }) => `${gateway}/${channel}${unit === null ? '' : ` (${unit})`}`,
  )
  output.table(
    ['FROM', 'TO', ...heads],
    spans.map(({ from, to, channels }) => [from, to, ...channels.map(({ increase }) => shown(increase))]),
  )
}

/** How long each state lasted, in seconds. */
export async function showStates(output: Output, client: RestClient, flags: StatesFlags): Promise<void> {
  const { buckets, interval } = flags
  const answer = await client.telemetry.states({ ...asked(flags), ...given({ buckets, interval }) })
  const spans = answer.spans.map((span) => ({ ...span, from: isoTime(span.from), to: isoTime(span.to) }))
  if (flags.json) return output.json({ channel: answer.channel, spans, damaged: answer.damaged })
  output.table(
    ['FROM', 'TO', 'STATE', 'SECONDS', 'BEGAN'],
    spans.flatMap(({ from, to, states, otherMs }) => [
      ...states.map(({ value, ms, changes }) => [from, to, String(value), ms / 1_000, changes]),
      ...(otherMs > 0 ? [[from, to, '(others)', otherMs / 1_000, '']] : []),
    ]),
  )
}

export async function showGaps(output: Output, client: RestClient, flags: GapsFlags): Promise<void> {
  const { longerThan, limit } = flags
  const answer = await client.telemetry.gaps({ ...asked(flags), ...given({ longerThan, limit }) })
  const gaps = answer.gaps.map(({ from, to, before, after }) => ({
    from: isoTime(from),
    to: isoTime(to),
    seconds: (to - from) / 1_000,
    before: before === null ? null : isoTime(before),
    after: after === null ? null : isoTime(after),
  }))
  if (flags.json) return output.json({ channel: answer.channel, gaps, damaged: answer.damaged })
  output.table(
    ['FROM', 'TO', 'SECONDS'],
    gaps.map(({ from, to, seconds }) => [from, to, seconds]),
  )
}

export async function showCorrections(
  output: Output,
  client: RestClient,
  flags: OneChannelFlags,
): Promise<void> {
  const answer = await client.telemetry.corrections(asked(flags))
  const corrections = answer.corrections.map((one) => ({ time: isoTime(one.ts), ...one }))
  if (flags.json) return output.json({ channel: answer.channel, corrections })
  output.table(
    ['TIME', 'WAS', 'REPLACED BY'],
    corrections.map(({ time, value, replacedBy }) => [time, shown(value), replacedBy]),
  )
}

function asked({ gateway, tenant, channel, from, to }: OneChannelFlags) {
  return { gateway, ...given({ tenant, channel, from, to }) }
}
