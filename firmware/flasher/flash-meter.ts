import type { FlashProgress } from '#contract/model/board.ts'

/** The rate counts what happened in the last ms. */
const WINDOW = 5_000

/** Counts bytes of one step and tells its rate and the time that is left. */
export class FlashMeter {
  private readonly total: number
  private readonly tell: (progress: FlashProgress) => void
  private readonly now: () => number
  private done = 0
  private samples: { at: number; done: number }[] = []

  /**
   * @param total bytes of all parts of this step
   * @param now ms of a clock that only goes forward
   */
  constructor(total: number, tell: (progress: FlashProgress) => void, now = () => performance.now()) {
    this.total = total
    this.tell = tell
    this.now = now
  }

  /** @param bytes done since the last call; 0 at the start of a part */
  add(part: string, bytes: number): void {
    // A part is written in whole words: up to three bytes more than it has.
    this.done = Math.min(this.done + bytes, this.total)
    const at = this.now()
    this.samples.push({ at, done: this.done })
    // One sample from before the window stays: the rate is over at least that.
    while ((this.samples[1]?.at ?? at) < at - WINDOW) this.samples.shift()
    const rate = this.rate()
    const left = this.total - this.done
    this.tell({
      part,
      done: this.done,
      total: this.total,
      rate,
      secondsLeft: rate === null ? null : Math.ceil(left / rate),
    })
  }

  /** A part begins anew: what was counted of it does not count. */
  takeBack(bytes: number): void {
    this.done -= bytes
    this.samples = []
  }

  private rate(): number | null {
    const first = this.samples[0]
    const last = this.samples.at(-1)
    if (!first || !last || last.at - first.at < 200 || last.done <= first.done) return null
    return Math.round(((last.done - first.done) * 1_000) / (last.at - first.at))
  }
}
