import { setImmediate as pause } from 'node:timers/promises'
import protobuf from 'protobufjs/light.js'
import { ExpectedError } from '#contract/errors.ts'
import { snappy } from './snappy.ts'

/** Prometheus' `prompb`: what of `remote.proto` and `types.proto` remote read uses. */
const schema = protobuf.Root.fromJSON({
  nested: {
    ReadRequest: {
      fields: {
        queries: { rule: 'repeated', type: 'Query', id: 1 },
        acceptedResponseTypes: { rule: 'repeated', type: 'ResponseType', id: 2 },
      },
    },
    ResponseType: { values: { SAMPLES: 0, STREAMED_XOR_CHUNKS: 1 } },
    Query: {
      fields: {
        startTimestampMs: { type: 'int64', id: 1 },
        endTimestampMs: { type: 'int64', id: 2 },
        matchers: { rule: 'repeated', type: 'LabelMatcher', id: 3 },
        hints: { type: 'ReadHints', id: 4 },
      },
    },
    LabelMatcher: {
      fields: {
        type: { type: 'MatcherType', id: 1 },
        name: { type: 'string', id: 2 },
        value: { type: 'string', id: 3 },
      },
    },
    MatcherType: { values: { EQ: 0, NEQ: 1, RE: 2, NRE: 3 } },
    ReadHints: {
      fields: {
        stepMs: { type: 'int64', id: 1 },
        func: { type: 'string', id: 2 },
        startMs: { type: 'int64', id: 3 },
        endMs: { type: 'int64', id: 4 },
        rangeMs: { type: 'int64', id: 7 },
      },
    },
  },
})
const ReadRequest = schema.lookupType('ReadRequest')

export type MatcherType = 'EQ' | 'NEQ' | 'RE' | 'NRE'

export interface LabelMatcher {
  type: MatcherType
  name: string
  value: string
}

/** Times in ms; both ends belong to the range. Without hints `stepMs` and `rangeMs` are 0. */
export interface ReadQuery {
  startTimestampMs: number
  endTimestampMs: number
  matchers: LabelMatcher[]
  hints: { stepMs: number; func: string; startMs: number; endMs: number; rangeMs: number } | null
}

/** One series of an answer; labels in the order of their names. */
export interface ReadSeries {
  labels: [name: string, value: string][]
  ts: number[]
  values: number[]
}

/** Bytes of a request once unpacked. */
const REQUEST_MAX = 1024 * 1024
const QUERIES_MAX = 16
const MATCHERS_MAX = 32

/** The queries of a request body: protobuf, packed by Snappy's block format. @throws ExpectedError `remote_read_invalid` */
export function readRequest(body: Uint8Array): ReadQuery[] {
  let request: { queries?: ReadQuery[]; acceptedResponseTypes?: string[] }
  try {
    const bytes = snappy.uncompress(new Uint8Array(body), REQUEST_MAX)
    request = ReadRequest.toObject(ReadRequest.decode(bytes), {
      longs: Number,
      enums: String,
      defaults: true,
    })
  } catch (error) {
    throw invalid((error as Error).message)
  }
  const { queries = [], acceptedResponseTypes = [] } = request
  if (acceptedResponseTypes.length > 0 && !acceptedResponseTypes.includes('SAMPLES'))
    throw invalid('only the response type SAMPLES is answered')
  if (queries.length === 0) throw invalid('it has no query')
  if (queries.length > QUERIES_MAX) throw invalid(`it has more than ${QUERIES_MAX} queries`)
  for (const { matchers, startTimestampMs, endTimestampMs } of queries) {
    if (matchers.length > MATCHERS_MAX) throw invalid(`a query has more than ${MATCHERS_MAX} matchers`)
    if (!Number.isSafeInteger(startTimestampMs) || !Number.isSafeInteger(endTimestampMs))
      throw invalid('its times are not ms since 1970')
  }
  return queries
}

export function invalid(cause: string): ExpectedError {
  return new ExpectedError('remote_read_invalid', { cause: cause.slice(0, 300) })
}

const LABELS = 1
const SAMPLES = 2
/** Protobuf's wire types: https://protobuf.dev/programming-guides/encoding/#structure */
const BYTES = 2
const FIXED64 = 1
const VARINT = 0
const tag = (field: number, wireType: number) => field * 8 + wireType

/** Samples encoded in one go before others get their turn: some 10 ms. */
const SAMPLES_A_TURN = 25_000

/** A `TimeSeries`, made in slices. */
export async function encodeSeries({ labels, ts, values }: ReadSeries): Promise<Uint8Array> {
  const writer = protobuf.Writer.create()
  for (const [name, value] of labels) {
    writer.uint32(tag(LABELS, BYTES)).fork()
    writer.uint32(tag(1, BYTES)).string(name).uint32(tag(2, BYTES)).string(value).ldelim()
  }
  const parts = [writer.finish()]
  for (let start = 0; start < ts.length; start += SAMPLES_A_TURN) {
    const end = Math.min(ts.length, start + SAMPLES_A_TURN)
    parts.push(encodeSamples(ts.slice(start, end), values.slice(start, end)))
    if (end < ts.length) await pause()
  }
  return Buffer.concat(parts)
}

function encodeSamples(ts: number[], values: number[]): Uint8Array {
  const writer = protobuf.Writer.create()
  for (const [index, at] of ts.entries()) {
    writer.uint32(tag(SAMPLES, BYTES)).fork()
    writer.uint32(tag(1, FIXED64)).double(values[index] ?? Number.NaN)
    writer.uint32(tag(2, VARINT)).int64(at).ldelim()
  }
  return writer.finish()
}

/** A `ReadResponse`: one result for each query, each the series that `encodeSeries` made. */
export function encodeResponse(results: Uint8Array[][]): Uint8Array {
  const writer = protobuf.Writer.create()
  for (const series of results) {
    writer.uint32(tag(1, BYTES)).fork()
    for (const one of series) writer.uint32(tag(1, BYTES)).bytes(one)
    writer.ldelim()
  }
  return writer.finish()
}

/** Snappy's compressor works on blocks of this size, each by itself. */
const BLOCK = 65_536
/** Packed in one go before others get their turn: some 5 ms. */
const BLOCKS_A_TURN = 8

/**
 * Packs by Snappy's block format (https://github.com/google/snappy/blob/main/format_description.txt): the length, then
 * elements, which may be made block by block.
 */
export async function pack(bytes: Uint8Array): Promise<Uint8Array> {
  const parts: Uint8Array[] = [varint(bytes.length)]
  for (let start = 0, blocks = 1; start < bytes.length; start += BLOCK, blocks++) {
    const block = bytes.slice(start, start + BLOCK)
    parts.push(snappy.compress(block).subarray(varint(block.length).length))
    if (blocks % BLOCKS_A_TURN === 0) await pause()
  }
  return Buffer.concat(parts)
}

function varint(value: number): Uint8Array {
  const bytes: number[] = []
  let left = value
  for (; left >= 128; left = Math.floor(left / 128)) bytes.push((left % 128) + 128)
  return new Uint8Array([...bytes, left])
}
