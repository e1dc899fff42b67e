import type { TimeWindow } from './time-range.ts'

/** The screen around a chart is told of a gesture this often, in ms; the chart itself moves on every frame. */
const TOLD_EVERY = 120
/** A gesture has ended when nothing came for so long, in ms. */
const REST = 250

export interface MovingWindowHooks {
  draw(window: TimeWindow): void
  onWindow(window: TimeWindow): void
  onRest(): void
}

/**
 * The window of a chart while a gesture moves it: drawn once a frame, however often wheels and fingers fire, and
 * told to the screen a few times a second, for what stands around a chart costs more to draw than the chart.
 */
export class MovingWindow {
  readonly #hooks: MovingWindowHooks
  #window: TimeWindow | null = null
  #frame = 0
  #toldAt = Number.NEGATIVE_INFINITY
  #isTold = true
  #rest: ReturnType<typeof setTimeout> | undefined

  constructor(hooks: MovingWindowHooks) {
    this.#hooks = hooks
  }

  /** The one that is drawn, or null where no gesture is on. */
  window(): TimeWindow | null {
    return this.#window
  }

  move(window: TimeWindow): void {
    this.#window = window
    this.#isTold = false
    clearTimeout(this.#rest)
    this.#rest = setTimeout(() => this.#end(), REST)
    if (this.#frame === 0) this.#frame = requestAnimationFrame(() => this.#draw())
  }

  stop(): void {
    cancelAnimationFrame(this.#frame)
    clearTimeout(this.#rest)
    this.#frame = 0
    this.#window = null
  }

  #draw(): void {
    this.#frame = 0
    if (this.#window === null) return
    this.#hooks.draw(this.#window)
    const now = performance.now()
    if (now - this.#toldAt < TOLD_EVERY) return
    this.#toldAt = now
    this.#tell()
  }

  #end(): void {
    this.#tell()
    this.#window = null
    this.#hooks.onRest()
  }

  #tell(): void {
    if (this.#isTold || this.#window === null) return
    this.#isTold = true
    this.#hooks.onWindow(this.#window)
  }
}
