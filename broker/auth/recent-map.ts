/**
 * A map that holds the newest entries, at most so many, and forgets half of them at a time: whoever makes up keys neither
 * fills memory nor makes each new one cost a search for the oldest.
 */
export class RecentMap<V> {
  private readonly half: number
  private newer = new Map<string, V>()
  private older = new Map<string, V>()

  /** @param most at least two */
  constructor(most: number) {
    this.half = Math.floor(most / 2)
  }

  get size(): number {
    return this.newer.size + this.older.size
  }

  get(key: string): V | undefined {
    return this.newer.get(key) ?? this.older.get(key)
  }

  /** The entry is the newest from here on. */
  set(key: string, value: V): void {
    this.older.delete(key)
    this.newer.set(key, value)
    if (this.newer.size < this.half) return
    this.older = this.newer
    this.newer = new Map()
  }

  delete(key: string): void {
    this.newer.delete(key)
    this.older.delete(key)
  }
}
