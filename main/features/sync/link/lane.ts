import { ExpectedError } from '#contract/errors.ts'
import type { CloudConnection } from '#platform/postgres/cloud-connection.ts'
import { rest } from './alarm.ts'
import { type Setback, stillAnswers } from './setback.ts'

export interface Lane {
  /** For the cloud's administrator and for messages: `readings`. */
  name: string
  /** Part of a sentence: `sending readings`. */
  step: string
  wanted(): boolean | Promise<boolean>
  run(connection: CloudConnection, signal: AbortSignal): Promise<void>
}

export interface LaneOptions {
  open(name: string, signal: AbortSignal): Promise<CloudConnection>
  /** Ends it for good. */
  signal: AbortSignal
  /** How often it is looked whether the lane is wanted, ms. */
  every: number
  /** What becomes of failures that are not the line's. */
  setback: Setback
}

/** Longer than any answer is waited for: what ran so long goes well, ms. */
const STEADY = 90_000
/** What a lane may take to end once it is told to, ms; then its connection is closed under it. */
const GRACE = 3_000

/**
 * Keeps a connection of its own for a lane while the lane is wanted, and none otherwise. Where the line holds and the
 * lane fails all the same (the cloud refuses what it sends, a mistake of our own), it alone rests. Rejects with an
 * ExpectedError where the link fails.
 */
export async function keepLane(lane: Lane, options: LaneOptions): Promise<void> {
  const { signal, every, setback } = options
  while (!signal.aborted) {
    if (await lane.wanted()) {
      const pause = await runOnce(lane, options)
      await (pause === null ? rest(every, signal) : setback.rest(pause, signal))
    } else {
      setback.passed()
      await rest(every, signal)
    }
  }
}

/** @returns how long it is to rest; null: it ended as it should */
async function runOnce(lane: Lane, options: LaneOptions): Promise<number | null> {
  const { signal, setback } = options
  const connection = await openFor(lane, options)
  if (typeof connection === 'number') return connection
  const began = performance.now()
  const steady = setTimeout(() => setback.passed(), STEADY).unref()
  try {
    await runWhileWanted(lane, connection, options)
    setback.passed()
    return null
  } catch (error) {
    const failure = connection.failureOf(error, lane.step)
    if (signal.aborted || !(await stillAnswers(connection))) throw failure
    return setback.failed(error, { failure, heldFor: performance.now() - began })
  } finally {
    clearTimeout(steady)
    await connection.close()
  }
}

/** A server that has no connection left for the lane takes no other from the site. */
async function openFor(
  lane: Lane,
  { open, signal, setback }: LaneOptions,
): Promise<CloudConnection | number> {
  try {
    return await open(lane.name, signal)
  } catch (error) {
    if (!(error instanceof ExpectedError) || error.code !== 'cloud_too_many_connections') throw error
    return setback.failed(error, { failure: error, heldFor: 0 })
  }
}

async function runWhileWanted(
  lane: Lane,
  connection: CloudConnection,
  { signal, every }: Pick<LaneOptions, 'signal' | 'every'>,
): Promise<void> {
  const stop = new AbortController()
  const ending = AbortSignal.any([signal, stop.signal])
  let isTold = false
  const running = lane.run(connection, ending).then(
    () => null,
    // Whoever is told to end may fail at it.
    (error: unknown) => (isTold || signal.aborted ? null : { error }),
  )
  void running.then(() => stop.abort())
  while (!ending.aborted) {
    await rest(every, ending)
    if (ending.aborted || (await lane.wanted())) continue
    isTold = true
    stop.abort()
  }
  const late = setTimeout(() => void connection.close(), GRACE)
  const failure = await running
  clearTimeout(late)
  if (failure !== null) throw failure.error
}
