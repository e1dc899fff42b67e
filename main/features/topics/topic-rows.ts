import { TOPIC_ROWS_MOST, type TopicRow, type TopicsWatched } from '#contract/api/topics.ts'
import type { TenantScope } from '#features/access/index.ts'
import { previewOf } from './payload-text.ts'
import { corrected, faded } from './rate.ts'
import type { TopicBook, TopicEntry } from './topic-book.ts'
import { seesTopic } from './topic-scope.ts'
import type { TopicNode, TopicTree } from './topic-tree.ts'
import type { GatewayOf } from './topics-port.ts'

/** Rows in one answer: one that is larger would hold up the screen that it is for. */
const ROWS_AT_A_TIME = 600

export interface TopicRowsParts {
  tree: TopicTree
  book: TopicBook
  scope: TenantScope
  gateway: GatewayOf
  /** Paths whose next level is shown; null: of all. */
  expanded: ReadonlySet<string> | null
  /** ms, of a clock that never goes back */
  now(): number
}

/** What one receiver is shown of a tree, and what changed of that since it was last told. */
export class TopicRows {
  readonly #parts: TopicRowsParts
  /** By path, the version of the tree that was told. */
  #told = new Map<string, number>()
  #version = -1
  #notShown = -1
  #isWhole = false

  constructor(parts: TopicRowsParts) {
    this.#parts = parts
  }

  /** Null where nothing changed. */
  take(): TopicsWatched | null {
    const { tree, scope, now } = this.#parts
    if (!scope.all) tree.recheck(now())
    const totals = this.#totals()
    if (this.#isWhole && tree.version === this.#version && totals.notShown === this.#notShown) return null
    const { shown, due, rowsLeftOut } = this.#compare()
    const gone = [...this.#told.keys()].filter(
      (path) => !shown.has(path) && !isBelowGone(path, this.#told, shown),
    )
    // Those that wait longest first, or the last ones would never come.
    const rows = due.toSorted((a, b) => a.told - b.told).slice(0, ROWS_AT_A_TIME)
    for (const { node } of rows) shown.set(node.path, tree.version)
    this.#told = new Map([...shown].filter(([, version]) => version !== -1))
    this.#version = tree.version
    this.#notShown = totals.notShown
    this.#isWhole = rows.length === due.length
    const whole = this.#told.size === shown.size
    return { rows: rows.map(({ node }) => this.#row(node)), whole, gone, totals: { ...totals, rowsLeftOut } }
  }

  /** What is to be shown, with the version of it that was told (-1: none), and what of it is due. */
  #compare() {
    const shown = new Map<string, number>()
    const due: { node: TopicNode; told: number }[] = []
    let rowsLeftOut = 0
    for (const node of this.#visible(this.#parts.tree.root)) {
      if (shown.size >= TOPIC_ROWS_MOST) {
        rowsLeftOut += 1
        continue
      }
      const told = this.#told.get(node.path) ?? -1
      shown.set(node.path, told)
      if (node.version > told) due.push({ node, told })
    }
    return { shown, due, rowsLeftOut }
  }

  *#visible(node: TopicNode): Iterable<TopicNode> {
    const { expanded } = this.#parts
    for (const child of node.children?.values() ?? []) {
      yield child
      if (child.children !== null && (expanded === null || expanded.has(child.path)))
        yield* this.#visible(child)
    }
  }

  #totals(): Omit<TopicsWatched['totals'], 'rowsLeftOut'> {
    const { tree, book, scope } = this.#parts
    const { topics, messages } = tree.root
    const tenantId = scope.all ? null : scope.tenantId
    const rate = this.#rate(tree.root)
    return { topics, messages, rate, notShown: book.missed(tenantId), topicsLeftOut: book.leftOut(tenantId) }
  }

  #rate({ rate }: TopicNode): number {
    const now = this.#parts.now()
    return Math.round(corrected(faded(rate, now), now - this.#parts.book.openedAt) * 100) / 100
  }

  #row(node: TopicNode): TopicRow {
    const { scope, gateway } = this.#parts
    const { path, children, topics, messages, refused, entries } = node
    const seen = entries.filter(({ owner }) => seesTopic(scope, owner, gateway))
    const named = node.gatewayId === null ? undefined : gateway(node.gatewayId)
    const last = newestOf(seen)
    return {
      path,
      children: children?.size ?? 0,
      topics,
      messages,
      refused,
      rate: this.#rate(node),
      gateway: named === undefined ? null : { id: named.id, code: named.code },
      retained: seen.some(({ retained }) => retained),
      last: last && {
        at: last.at,
        preview: previewOf(last.payload, last.length),
        length: last.length,
        qos: last.qos,
        refusal: last.refusal,
      },
    }
  }
}

/** Whether a level above went as well: then this is not told by itself. */
function isBelowGone(
  path: string,
  told: ReadonlyMap<string, number>,
  shown: ReadonlyMap<string, number>,
): boolean {
  const end = path.lastIndexOf('/')
  if (end === -1) return false
  const above = path.slice(0, end)
  return told.has(above) && !shown.has(above)
}

export function newestOf(entries: readonly TopicEntry[]): TopicEntry | null {
  let newest: TopicEntry | null = null
  for (const entry of entries) if (newest === null || (entry.at ?? 0) >= (newest.at ?? 0)) newest = entry
  return newest
}
