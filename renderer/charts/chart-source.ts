import {
  type BucketRows,
  bucketWidth,
  type ChartBuckets,
  composed,
  covers,
  emptyRows,
  foldInto,
  type Layer,
  requestFor,
  rowsOf,
  withLayer,
} from './bucket-rows.ts'
import type { ReadingTail, TailReading } from './reading-tail.ts'
import type { TimeWindow } from './time-range.ts'

export interface ChartQuestion {
  channelIds: readonly string[]
  window: TimeWindow
  /** Buckets that fit the width of the plot. */
  points: number
}

/** Asks the store; up to 32 channels a call. */
export type AskStore = (
  question: { channelIds: string[]; from: number; to: number; points: number },
  signal: AbortSignal,
) => Promise<{ series: { channelId: string; buckets: ChartBuckets }[] }>

export interface ChartSnapshot {
  rows: ReadonlyMap<string, BucketRows>
  /** Spans that the store could not read, by channel. */
  damaged: ReadonlyMap<string, readonly TimeWindow[]>
  /** ms of the finest buckets asked for. */
  width: number
  /** True until the first answer for these channels. */
  empty: boolean
  loading: boolean
  error: unknown
}

/** A gesture has to rest this long before the store is asked, in ms. */
const REST = 120
const CHANNELS_A_CALL = 32
/** Live readings are drawn together this often at most, in ms: eyes see no more, and drawing costs. */
const TOGETHER = 250
/** After a failure a moving window asks again no sooner than this, in ms. */
const RETRY = 5_000

/**
 * The data behind a chart. Whatever is loaded is drawn at once; the store is asked only when the window leaves it
 * or needs it finer, after the gesture rests, and an older question is dropped. Live readings are folded on top.
 */
export class ChartSource {
  private layers: Layer[] = []
  private question: ChartQuestion = { channelIds: [], window: { from: 0, to: 1 }, points: 1 }
  private channelsKey = ''
  private timer: ReturnType<typeof setTimeout> | undefined
  private pending: { controller: AbortController; target: Layer; points: number } | null = null
  private snapshot: ChartSnapshot = {
    rows: new Map(),
    damaged: new Map(),
    width: 0,
    empty: true,
    loading: false,
    error: null,
  }
  private readonly listeners = new Set<() => void>()
  private readonly askStore: AskStore
  private readonly tail: ReadingTail
  private readonly now: () => number
  private leaveTail: (() => void) | null = null
  private retryAt = 0
  private drawing: ReturnType<typeof setTimeout> | undefined

  constructor(askStore: AskStore, tail: ReadingTail, now: () => number = Date.now) {
    this.askStore = askStore
    this.tail = tail
    this.now = now
  }

  start(): void {
    this.leaveTail = this.tail.subscribe((readings) => {
      if (!this.fold(readings) || this.drawing !== undefined) return
      this.drawing = setTimeout(() => {
        this.drawing = undefined
        this.publish()
      }, TOGETHER)
    })
    this.consider()
  }

  stop(): void {
    this.leaveTail?.()
    this.leaveTail = null
    clearTimeout(this.timer)
    clearTimeout(this.drawing)
    this.timer = undefined
    this.drawing = undefined
    this.pending?.controller.abort()
    this.pending = null
  }

  /** What is to be shown. Cheap to call on every frame of a gesture. */
  show(question: ChartQuestion): void {
    const key = [...question.channelIds].sort().join(' ')
    this.question = question
    if (key !== this.channelsKey) {
      const known = new Set(this.channelsKey.split(' '))
      this.channelsKey = key
      if (question.channelIds.some((id) => !known.has(id))) {
        // Loaded layers lack the new channel; they stay in view for the others until the answer is there.
        for (const layer of this.layers) layer.width = Number.POSITIVE_INFINITY
        this.pending?.controller.abort()
        this.pending = null
      }
      this.publish()
    }
    this.consider()
  }

  /** Forgets that anything was loaded, so that it is asked for anew: after a lost link or an edit. */
  refresh(): void {
    for (const layer of this.layers) layer.width = Number.POSITIVE_INFINITY
    this.retryAt = 0
    this.consider()
  }

  read = (): ChartSnapshot => this.snapshot

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  private consider(): void {
    const { channelIds, window, points } = this.question
    if (channelIds.length === 0 || this.leaveTail === null || this.now() < this.retryAt) return
    if (this.layers.some((layer) => covers(layer, window, points))) {
      clearTimeout(this.timer)
      this.timer = undefined
      return
    }
    if (this.pending !== null && covers(this.pending.target, window, points)) return
    if (this.timer !== undefined) {
      // A live window moves on by itself: only a gesture starts the rest anew.
      if (this.layers.length === 0) return
      clearTimeout(this.timer)
    }
    this.timer = setTimeout(() => void this.ask(), this.layers.length === 0 ? 0 : REST)
  }

  private async ask(): Promise<void> {
    this.timer = undefined
    this.pending?.controller.abort()
    const { window, points, channelIds } = this.question
    const askedAt = this.now()
    const { from, to, width, points: count } = requestFor(window, points, askedAt)
    const target: Layer = {
      from,
      to,
      width,
      askedAt,
      open: to >= askedAt,
      channels: new Map(),
      damaged: new Map(),
    }
    const pending = { controller: new AbortController(), target, points }
    this.pending = pending
    this.snapshot = { ...this.snapshot, loading: true }
    this.tell()
    try {
      const calls: ReturnType<AskStore>[] = []
      for (let start = 0; start < channelIds.length; start += CHANNELS_A_CALL) {
        const part = channelIds.slice(start, start + CHANNELS_A_CALL)
        calls.push(
          this.askStore(
            { channelIds: part, from, to, points: Math.min(4_000, count) },
            pending.controller.signal,
          ),
        )
      }
      for (const { series } of await Promise.all(calls)) {
        for (const { channelId, buckets } of series) {
          target.channels.set(channelId, rowsOf(buckets))
          if (buckets.damaged.length > 0) target.damaged.set(channelId, buckets.damaged)
        }
      }
      if (this.pending !== pending) return
      // Kept layers that were marked stale give way to the new one where it reaches.
      this.layers = withLayer(
        this.layers.filter(
          (layer) => Number.isFinite(layer.width) || layer.from < target.from || layer.to > target.to,
        ),
        target,
      )
      foldLate(target, this.tail.since(askedAt))
      this.pending = null
      this.snapshot = { ...this.snapshot, loading: false, empty: false, error: null, width }
      this.publish()
    } catch (error) {
      if (this.pending !== pending) return
      this.pending = null
      this.retryAt = this.now() + RETRY
      this.snapshot = { ...this.snapshot, loading: false, error }
      this.tell()
    }
  }

  private fold(readings: readonly TailReading[]): boolean {
    let changed = false
    const wanted = new Set(this.question.channelIds)
    for (const reading of readings) {
      if (!wanted.has(reading.channelId)) continue
      if (foldInto(this.layers.filter(isFoldable), reading.channelId, reading.ts, reading.value))
        changed = true
    }
    return changed
  }

  private publish(): void {
    const rows = new Map<string, BucketRows>()
    const damaged = new Map<string, readonly TimeWindow[]>()
    const drawable = this.layers
    for (const id of this.question.channelIds) {
      rows.set(id, drawable.length === 0 ? emptyRows() : composed(drawable, id))
      const spans = drawable.flatMap((layer) => layer.damaged.get(id) ?? [])
      if (spans.length > 0) damaged.set(id, spans)
    }
    const width =
      this.snapshot.width ||
      bucketWidth(this.question.window.to - this.question.window.from, this.question.points)
    this.snapshot = { ...this.snapshot, rows, damaged, width }
    this.tell()
  }

  private tell(): void {
    for (const listener of this.listeners) listener()
  }
}

/** A layer marked stale has no width to fold by: it only stays in view until its successor is there. */
function isFoldable(layer: Layer): boolean {
  return Number.isFinite(layer.width)
}

/** What arrived while the answer was on its way may be missing in it. */
function foldLate(layer: Layer, readings: readonly TailReading[]): void {
  for (const reading of readings) foldInto([layer], reading.channelId, reading.ts, reading.value)
}
