import type { RestClient } from '#client/rest-client.ts'
import { given } from '../arguments.ts'
import type { Output } from '../output.ts'
import { printable } from '../table.ts'
import { isoTime } from '../time-argument.ts'

interface QueryFlags {
  gateway: string
  tenant?: string
  channel?: string
  from?: number
  to?: number
  buckets?: number
  limit?: number
  order: 'ascending' | 'descending'
  json?: boolean
}

const PAGE = 10_000
type Answer = Awaited<ReturnType<RestClient['telemetry']['query']>>
type Buckets = NonNullable<Answer['buckets']>

/** Prints readings page by page as they come, however many, or the buckets of the range. */
export async function queryReadings(output: Output, client: RestClient, flags: QueryFlags): Promise<void> {
  const { gateway, order } = flags
  const query = {
    gateway,
    order,
    ...given({ tenant: flags.tenant, channel: flags.channel, from: flags.from, to: flags.to }),
  }
  if (flags.buckets !== undefined) {
    const answer = await client.telemetry.query({ ...query, buckets: flags.buckets })
    if (flags.json) output.json({ ...frame(answer), buckets: bucketRows(answer.buckets) })
    else printBuckets(output, answer)
    return
  }
  const left = flags.limit ?? Number.POSITIVE_INFINITY
  const first = await client.telemetry.query({ ...query, limit: Math.min(PAGE, left) })
  // Later pages ask for the range that the first one settled on: `to` is not "now" again for each of them.
  const range = { ...query, from: first.from, to: first.to }
  if (flags.json)
    await streamJson(output, first, left, (page) => client.telemetry.query({ ...range, ...page }))
  else await streamLines(output, first, left, (page) => client.telemetry.query({ ...range, ...page }))
}

type NextPage = (page: { after: number; limit: number }) => Promise<Answer>

/** One JSON value, written as it comes: a day of readings does not wait in memory. */
async function streamJson(output: Output, first: Answer, limit: number, next: NextPage): Promise<void> {
  const opening = JSON.stringify({ ...frame(first), readings: [] })
  await output.stream(opening.slice(0, -2))
  let separator = ''
  for await (const page of pages(first, limit, next)) {
    let text = ''
    for (const { ts, value, quality, seq } of page.readings ?? []) {
      text += separator + JSON.stringify({ time: isoTime(ts), ts, value, quality, seq })
      separator = ','
    }
    await output.stream(text)
  }
  await output.stream(']}\n')
}

async function streamLines(output: Output, first: Answer, limit: number, next: NextPage): Promise<void> {
  const unit = first.channel.unit === null ? '' : ` ${printable(first.channel.unit)}`
  let count = 0
  for await (const page of pages(first, limit, next)) {
    const readings = page.readings ?? []
    count += readings.length
    await output.stream(
      readings.map(({ ts, value }) => `${isoTime(ts)}  ${printable(String(value))}${unit}\n`).join(''),
    )
  }
  if (count === 0)
    output.note(`No readings of ${first.channel.name} from ${isoTime(first.from)} to ${isoTime(first.to)}`)
}

async function* pages(first: Answer, limit: number, next: NextPage): AsyncGenerator<Answer> {
  let page = first
  let left = limit
  while (true) {
    yield page
    left -= page.readings?.length ?? 0
    if (page.next === null || left <= 0) return
    page = await next({ after: page.next, limit: Math.min(PAGE, left) })
  }
}

function frame({ channel, from, to }: Answer) {
  return { channel, from: isoTime(from), to: isoTime(to) }
}

function bucketRows(buckets: Buckets | null) {
  return (buckets?.ts ?? []).map((ts, index) => ({
    time: isoTime(ts),
    ts,
    count: buckets?.count[index],
    min: buckets?.min[index],
    max: buckets?.max[index],
    avg: buckets?.avg[index],
    sum: buckets?.sum[index],
    first: buckets?.first[index],
    last: buckets?.last[index],
  }))
}

function printBuckets(output: Output, answer: Answer): void {
  output.table(
    ['TIME', 'COUNT', 'MINIMUM', 'AVERAGE', 'MAXIMUM', 'LAST'],
    bucketRows(answer.buckets).map((row) => [
      row.time,
      row.count ?? 0,
      row.min ?? '',
      row.avg === undefined ? '' : Number(row.avg.toPrecision(7)),
      row.max ?? '',
      row.last ?? '',
    ]),
  )
}
