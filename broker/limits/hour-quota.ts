import { hourOf } from '#contract/model/quota.ts'

/** Hours whose count is remembered, so that a clock that is set back and forth does not begin one anew. */
const REMEMBERED = 4

/** What was let through in an hour of the clock. */
export class HourQuota {
  private current: number
  private counted: number
  /** What the hours before this one had, the one that was left last at the end. */
  private readonly left = new Map<number, number>()
  /** Hours that were left and not told yet, with what they had. */
  private readonly over = new Map<number, number>()
  private untold = false

  /** @param messages of the hour that `now` is in, before */
  constructor(now: number, messages = 0) {
    this.current = hourOf(now)
    this.counted = messages
  }

  get hour(): number {
    return this.current
  }

  messages(now: number): number {
    this.turn(now)
    return this.counted
  }

  /** Nothing more may pass in this hour. */
  isUsedUp(now: number, perHour: number): boolean {
    return this.messages(now) >= perHour
  }

  /** A message passes. */
  count(now: number): void {
    this.turn(now)
    this.counted += 1
    this.untold = true
  }

  /** Hours of which something was counted since it was last asked, in the order in which they were left. */
  news(now: number): { hour: number; messages: number }[] {
    this.turn(now)
    if (this.untold) put(this.over, this.current, this.counted)
    const news = Array.from(this.over, ([hour, messages]) => ({ hour, messages }))
    this.over.clear()
    this.untold = false
    return news
  }

  private turn(now: number): void {
    const hour = hourOf(now)
    if (hour === this.current) return
    if (this.untold) put(this.over, this.current, this.counted)
    put(this.left, this.current, this.counted)
    for (const oldest of this.left.keys()) {
      if (this.left.size <= REMEMBERED) break
      this.left.delete(oldest)
    }
    this.current = hour
    this.counted = this.left.get(hour) ?? 0
    this.untold = false
  }
}

/** At the end. */
function put(counts: Map<number, number>, hour: number, messages: number): void {
  counts.delete(hour)
  counts.set(hour, messages)
}
