import type { RestClient } from '#client/rest-client.ts'
import { given } from '../arguments.ts'
import type { Output } from '../output.ts'
import { printable } from '../table.ts'
import { isoTime } from '../time-argument.ts'
import { alignedRows, printAligned } from './query-aligned.ts'
import { askedOf, type SpanFunction, type SpansFlags, shown, spanFunctions } from './span-flags.ts'

export interface QueryFlags extends SpansFlags {
  function?: SpanFunction[]
  limit?: number
  order: 'ascending' | 'descending'
}

const PAGE = 10_000
type Answer = Awaited<ReturnType<RestClient['telemetry']['query']>>
type Buckets = NonNullable<Answer['buckets']>

/** Prints readings page by page as they come, however many, or the spans of the range; of several channels side by side. */
export async function queryReadings(output: Output, client: RestClient, flags: QueryFlags): Promise<void> {
  const { order, buckets, interval, json } = flags
  const query = { order, ...askedOf(flags) }
  if (buckets !== undefined || interval !== undefined) {
    const answer = await client.telemetry.query({ ...query, ...given({ buckets, interval }) })
    if (answer.aligned !== null) printSeveral(output, answer, flags)
    else if (json) output.json({ ...frame(answer), buckets: bucketRows(answer.buckets, flags.function) })
    else printBuckets(output, answer, flags.function ?? usual)
    return
  }
  const left = flags.limit ?? Number.POSITIVE_INFINITY
  const first = await client.telemetry.query({ ...query, limit: Math.min(PAGE, left) })
  // Later pages ask for the range that the first one settled on: `to` is not "now" again for each of them.
  const range = { ...query, from: first.from, to: first.to }
  const next: NextPage = (page) => client.telemetry.query({ ...range, ...page })
  if (first.aligned !== null) await printPages(output, first, left, { next, flags })
  else if (json) await streamJson(output, first, left, next)
  else await streamLines(output, first, left, next)
}

/** Of one channel, where no function is asked for. */
const usual: readonly SpanFunction[] = ['count', 'min', 'avg', 'max', 'last']

function printSeveral(output: Output, answer: Answer, flags: QueryFlags): void {
  if (answer.aligned === null) return
  if (flags.json)
    output.json({ ...frame(answer), spans: alignedRows(answer.aligned, flags.function ?? null) })
  else printAligned(output, answer.aligned, flags.function ?? ['avg'])
}

/** Single readings of several channels: one table a page, or one JSON value of all. */
async function printPages(
  output: Output,
  first: Answer,
  limit: number,
  { next, flags }: { next: NextPage; flags: QueryFlags },
): Promise<void> {
  let separator = ''
  if (flags.json) await output.stream(JSON.stringify({ ...frame(first), readings: [] }).slice(0, -2))
  for await (const { aligned } of pages(first, limit, next)) {
    if (aligned === null) continue
    if (!flags.json) {
      printAligned(output, aligned, [])
      continue
    }
    for (const row of alignedRows(aligned, null)) {
      await output.stream(separator + JSON.stringify(row))
      separator = ','
    }
  }
  if (flags.json) await output.stream(']}\n')
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
  const unit = first.channel?.unit ? ` ${printable(first.channel.unit)}` : ''
  let count = 0
  for await (const page of pages(first, limit, next)) {
    const readings = page.readings ?? []
    count += readings.length
    await output.stream(
      readings.map(({ ts, value }) => `${isoTime(ts)}  ${printable(String(value))}${unit}\n`).join(''),
    )
  }
  if (count === 0)
    output.note(`No readings of ${first.channel?.name} from ${isoTime(first.from)} to ${isoTime(first.to)}`)
}

async function* pages(first: Answer, limit: number, next: NextPage): AsyncGenerator<Answer> {
  let page = first
  let left = limit
  while (true) {
    yield page
    left -= page.readings?.length ?? page.aligned?.ts.length ?? 0
    if (page.next === null || left <= 0) return
    page = await next({ after: page.next, limit: Math.min(PAGE, left) })
  }
}

function frame({ channel, from, to }: Answer) {
  return { channel, from: isoTime(from), to: isoTime(to) }
}

function bucketRows(buckets: Buckets | null, functions: readonly SpanFunction[] = spanFunctions) {
  return (buckets?.ts ?? []).map((ts, index) => ({
    time: isoTime(ts),
    ts,
    ...Object.fromEntries(functions.map((name) => [name, buckets?.[name][index]])),
  }))
}

const heads: Record<SpanFunction, string> = {
  count: 'COUNT',
  min: 'MINIMUM',
  avg: 'AVERAGE',
  max: 'MAXIMUM',
  last: 'LAST',
  timeAverage: 'AVERAGE OVER TIME',
  sum: 'SUM',
  first: 'FIRST',
}

function printBuckets(output: Output, { buckets }: Answer, functions: readonly SpanFunction[]): void {
  output.table(
    ['TIME', ...functions.map((name) => heads[name])],
    (buckets?.ts ?? []).map((ts, row) => [
      isoTime(ts),
      ...functions.map((name) => shown(buckets?.[name][row])),
    ]),
  )
}
