import { TOPIC_RATE_FADE, type TopicRow, type TopicsWatched, type TopicTotals } from '#contract/api/topics.ts'

/** A row of the tree as it is shown. */
export interface ShownTopic {
  path: string
  /** Its own level; empty for an empty one. */
  name: string
  /** From 1. */
  level: number
  /** Its place among those beside it, from 1, and how many these are. */
  position: number
  size: number
  isOpen: boolean
  row: TopicRow
}

interface Known {
  row: TopicRow
  /** When its row came, ms of the page's clock: rates fade from then on. */
  at: number
  /** Of the subscription that told it last. */
  subscription: number
  /** Paths of those right below, in their order where `sorted`. */
  below: string[]
  isSorted: boolean
}

const collator = new Intl.Collator(undefined, { numeric: true, sensitivity: 'base' })

/**
 * What is known of the tree of topics. It takes what the site tells as cheaply as it can, for that may be thousands of rows a
 * second; what stands where is only found anew when rows came or went, or a level was opened.
 */
export class TopicStore {
  totals: TopicTotals | null = null
  totalsAt = 0
  /** Whether the site has told all there is to show. */
  isWhole = false
  readonly #known = new Map<string, Known>()
  #roots: Pick<Known, 'below' | 'isSorted'> = { below: [], isSorted: true }
  #subscription = 0
  #structure = 0
  #shown: { structure: number; isOpen: (path: string) => boolean; list: ShownTopic[] } | null = null

  /** A subscription begins; what is shown stays until it has told everything. */
  begin(): void {
    this.#subscription += 1
    this.isWhole = false
  }

  /** @param now ms of the page's clock */
  apply({ rows, gone, whole, totals }: TopicsWatched, now: number): void {
    this.#remove(gone)
    for (const row of rows) this.#put(row, now)
    this.totals = totals
    this.totalsAt = now
    if (!whole || this.isWhole) return
    this.isWhole = true
    const old = [...this.#known].filter(([, { subscription }]) => subscription !== this.#subscription)
    this.#remove(old.map(([path]) => path))
  }

  row(path: string): TopicRow | undefined {
    return this.#known.get(path)?.row
  }

  /** Messages a second, faded since the site told. */
  rate(path: string, now: number): number {
    const known = this.#known.get(path)
    return known === undefined ? 0 : faded(known.row.rate, now - known.at)
  }

  totalRate(now: number): number {
    return this.totals === null ? 0 : faded(this.totals.rate, now - this.totalsAt)
  }

  /** Rows from top to bottom. The same list as long as nothing came, went, opened or closed. */
  shown(isOpen: (path: string) => boolean): ShownTopic[] {
    if (this.#shown?.structure === this.#structure && this.#shown.isOpen === isOpen) return this.#shown.list
    const list: ShownTopic[] = []
    this.#collect(this.#roots, 1, isOpen, list)
    this.#shown = { structure: this.#structure, isOpen, list }
    return list
  }

  #collect(
    of: Pick<Known, 'below' | 'isSorted'>,
    level: number,
    isOpen: (path: string) => boolean,
    list: ShownTopic[],
  ): void {
    if (!of.isSorted) {
      of.below.sort((a, b) => collator.compare(nameOf(a), nameOf(b)))
      of.isSorted = true
    }
    for (const [index, path] of of.below.entries()) {
      const known = this.#known.get(path)
      if (known === undefined) continue
      const isParent = known.row.children > 0
      const shown = { path, name: nameOf(path), level, position: index + 1, size: of.below.length }
      // The newest row is looked up when it is drawn.
      list.push({ ...shown, isOpen: isParent && isOpen(path), row: known.row })
      if (isParent && isOpen(path)) this.#collect(known, level + 1, isOpen, list)
    }
  }

  #put(row: TopicRow, now: number): void {
    const known = this.#known.get(row.path)
    if (known !== undefined) {
      if (known.row.children > 0 !== row.children > 0) this.#structure += 1
      known.row = row
      known.at = now
      known.subscription = this.#subscription
      return
    }
    this.#known.set(row.path, {
      row,
      at: now,
      subscription: this.#subscription,
      below: [],
      isSorted: true,
    })
    const above = this.#above(row.path)
    above.below.push(row.path)
    above.isSorted = false
    this.#structure += 1
  }

  /** With all below. */
  #remove(paths: readonly string[]): void {
    const gone = new Set<string>()
    const take = (path: string): void => {
      const known = this.#known.get(path)
      if (known === undefined || gone.has(path)) return
      gone.add(path)
      for (const below of known.below) take(below)
    }
    for (const path of paths) take(path)
    if (gone.size === 0) return
    // Each level that loses some is gone through once.
    const losing = new Set(Array.from(gone, (path) => this.#above(path)))
    for (const above of losing) above.below = above.below.filter((path) => !gone.has(path))
    for (const path of gone) this.#known.delete(path)
    this.#structure += 1
  }

  #above(path: string): Pick<Known, 'below' | 'isSorted'> {
    const parent = parentOf(path)
    return (parent === null ? undefined : this.#known.get(parent)) ?? this.#roots
  }
}

/** ms of the page's clock: what a rate has faded since. */
export function pageTime(): number {
  return performance.now()
}

/** The path of the level above; null at the top. */
export function parentOf(path: string): string | null {
  const end = path.lastIndexOf('/')
  return end === -1 ? null : path.slice(0, end)
}

/** All levels above, from the top. */
export function pathsAbove(path: string): string[] {
  const parent = parentOf(path)
  return parent === null ? [] : [...pathsAbove(parent), parent]
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}

function faded(rate: number, age: number): number {
  const now = rate * Math.exp(-Math.max(0, age) / TOPIC_RATE_FADE)
  return now < 0.005 ? 0 : now
}
