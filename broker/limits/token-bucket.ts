import type { MessageRate } from '#broker/dialects/message-rates.ts'

/**
 * A token bucket, kept as the time at which it is full again (the generic cell rate algorithm, ITU-T I.371 annex A): a
 * message moves that time on by one interval, and there is a token while it is at most a burst of intervals away. Nothing
 * has to be done between messages, and whole intervals are exact.
 *
 * Times are ms of a clock that may be set: when it goes back, the bucket goes with it; when it goes forward, the bucket
 * is at most full.
 */
export class TokenBucket {
  private interval: number
  private burst: number
  /** When it is full again; in the past: it is. */
  private fullAt = Number.NEGATIVE_INFINITY
  private seenAt = Number.NEGATIVE_INFINITY

  /** Full. */
  constructor(rate: MessageRate) {
    this.interval = 1_000 / rate.perSecond
    this.burst = rate.burst
  }

  /** From here on another rate holds. What was taken stays taken, a whole burst at the most. */
  change({ perSecond, burst }: MessageRate, now: number): void {
    this.see(now)
    const interval = 1_000 / perSecond
    const taken = Math.min(burst, (this.fullAt - now) / this.interval)
    if (taken > 0) this.fullAt = now + taken * interval
    this.interval = interval
    this.burst = burst
  }

  isOf({ perSecond, burst }: MessageRate): boolean {
    return this.burst === burst && this.interval === 1_000 / perSecond
  }

  has(now: number): boolean {
    this.see(now)
    return this.fullAt - now <= (this.burst - 1) * this.interval
  }

  /** Tokens that are there. */
  count(now: number): number {
    this.see(now)
    return Math.max(0, Math.floor(this.burst - (Math.max(this.fullAt, now) - now) / this.interval))
  }

  /**
   * Takes a token, or owes one.
   *
   * @param most no more is ever owed than is there again after this time, ms
   * @returns ms until the bucket owes nothing; 0: there was a token
   */
  take(now: number, most: number): number {
    this.see(now)
    const limit = now + this.burst * this.interval
    this.fullAt = Math.min(Math.max(this.fullAt, now) + this.interval, limit + most)
    return Math.max(0, this.fullAt - limit)
  }

  private see(now: number): void {
    if (now < this.seenAt) this.fullAt -= this.seenAt - now
    this.seenAt = now
  }
}
