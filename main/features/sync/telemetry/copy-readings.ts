import { from as copyFrom } from 'pg-copy-streams'
import { INCOMING } from '#cloud/readings/index.ts'
import type { CloudConnection } from '#platform/postgres/cloud-connection.ts'
import { Breath } from '../breath.ts'
import type { ByteBudget } from './byte-budget.ts'
import { runLines } from './run-lines.ts'
import type { SeriesReadings } from './series-readings.ts'

const PIECE = 16 * 1024
/**
 * What a COPY may wait for its share of a narrow line, ms: the server gives up on a statement after a while. The rest is
 * waited for before the next one.
 */
const LONGEST_WAIT = 20_000
/** With what follows, as many ways there and back as statements. */
const COPY = `BEGIN; COPY ${INCOMING} FROM STDIN (NULL '')`
const TAKE = 'SELECT millwright.take_readings() AS taken; COMMIT'
const MEND = 'SELECT millwright.take_readings(true) AS taken; COMMIT'

export interface CopyOptions {
  connection: CloudConnection
  /** Aborted when the connection has ended. */
  gone: AbortSignal
  generation: number
  /** The channel's number in the cloud. */
  channelOf(seriesId: number): number
  budget: ByteBudget
  signal: AbortSignal
}

/** Makes the table that readings are copied into: once in a session. */
export async function openIncoming({ client }: CloudConnection): Promise<void> {
  await client.query('SELECT millwright.open_incoming()')
}

/** Copies a batch into the session's table, in a transaction that `takeReadings` ends. @returns bytes */
export async function copyReadings(batch: readonly SeriesReadings[], options: CopyOptions): Promise<number> {
  const { connection, gone, budget, signal } = options
  const over = new AbortController()
  await budget.take(0, signal)
  const stream = copyFrom(COPY)
  const ended = new Promise<void>((resolve, reject) => {
    stream.once('finish', resolve)
    // More than once: what is written after a refusal fails too.
    stream.on('error', reject)
    // A connection that was destroyed finishes nothing.
    gone.addEventListener('abort', () => reject(gone.reason as Error), { once: true, signal: over.signal })
    gone.throwIfAborted()
  })
  ended.catch(() => undefined)
  connection.client.query(stream)
  let bytes = 0
  let patience = LONGEST_WAIT
  try {
    for await (const piece of pieces(batch, options)) {
      bytes += piece.length
      patience -= await budget.take(piece.length, signal, patience)
      if (!stream.write(piece)) await Promise.race([drained(stream), ended])
    }
    signal.throwIfAborted()
    stream.end()
  } catch (error) {
    if (!stream.destroyed) stream.destroy(error instanceof Error ? error : new Error('given up'))
    over.abort()
    throw error
  }
  try {
    await ended
    return bytes
  } finally {
    over.abort()
  }
}

/** What the cloud made of a batch (take_readings). */
export interface Taken {
  /** New or changed there. */
  written: number
  /** Of a resync: differ and stay, for the cloud has a higher version of them. */
  newer: number
}

/** Takes over what was copied; resolves when it is committed. `mend`: replaces what somebody changed over there too. */
export async function takeReadings({ client }: CloudConnection, mend: boolean): Promise<Taken> {
  // Of several statements there are several answers, which the types do not know of.
  const [taken] = (await client.query(mend ? MEND : TAKE)) as unknown as { rows: { taken?: Taken }[] }[]
  return taken?.rows[0]?.taken ?? { written: 0, newer: 0 }
}

async function* pieces(batch: readonly SeriesReadings[], options: CopyOptions): AsyncGenerator<Buffer> {
  const { generation, channelOf } = options
  const breath = new Breath()
  let run = 0
  let text = ''
  for (const readings of batch) {
    const context = { channel: channelOf(readings.seriesId), generation, nextRun: () => run++ }
    for (const line of runLines(readings, context)) {
      text += line
      if (text.length < PIECE) continue
      yield* cut(Buffer.from(text))
      text = ''
      await breath.take()
    }
  }
  if (text !== '') yield* cut(Buffer.from(text))
}

function* cut(buffer: Buffer): Generator<Buffer> {
  for (let at = 0; at < buffer.length; at += PIECE) yield buffer.subarray(at, at + PIECE)
}

function drained(stream: { once(event: 'drain', listener: () => void): unknown }): Promise<void> {
  return new Promise((resolve) => stream.once('drain', () => resolve()))
}
