import { normalizeMac } from '#contract/model/ids.ts'
import { addTo, faded, type Rate } from './rate.ts'
import type { TopicBook, TopicEntry } from './topic-book.ts'
import type { GatewayOf } from './topics-port.ts'

/** Deeper ones, which the broker refuses, are one level. */
const LEVELS = 32

/** What is checked again this often, ms: a gateway may have moved where its topics are not seen. */
const RECHECK = 1_000

/** A level: of a topic, of what lies below it, or both. Its figures are those of all topics at and below it. */
export interface TopicNode {
  readonly path: string
  readonly parent: TopicNode | null
  children: Map<string, TopicNode> | null
  /** What is at this very topic: what was taken, and what was refused, by sender. */
  entries: TopicEntry[]
  topics: number
  messages: number
  refused: number
  rate: Rate
  /** Of the gateway that the level names. */
  gatewayId: string | null
  /** The newest change, as `TopicTree.version` counted. */
  version: number
}

/**
 * What some people see of the book, as a tree. It follows the book as things happen; nothing in it is looked through, but
 * where it is checked again who may see what.
 */
export class TopicTree {
  readonly root: TopicNode = newNode('', null)
  version = 1
  readonly #book: TopicBook
  readonly #sees: (entry: TopicEntry) => boolean
  readonly #gateway: GatewayOf
  readonly #nodes = new Map<TopicEntry, TopicNode>()
  #unlisten: (() => void) | null = null
  #checkedAt = 0

  /** @param sees whether an entry belongs into it; may change over time */
  constructor(book: TopicBook, sees: (entry: TopicEntry) => boolean, gateway: GatewayOf) {
    this.#book = book
    this.#sees = sees
    this.#gateway = gateway
  }

  start(): void {
    for (const entry of this.#book.all()) if (this.#sees(entry)) this.#add(entry)
    this.#unlisten = this.#book.listen({
      changed: (entry, messages, now) => this.#changed(entry, messages, now),
      removed: (entry) => this.#remove(entry),
    })
  }

  stop(): void {
    this.#unlisten?.()
  }

  /**
   * Takes out what may no longer be seen, and in what may be seen now. It looks through the whole book, so it does so now and
   * then only, however many people share the tree and ask.
   */
  recheck(now: number): void {
    if (now - this.#checkedAt < RECHECK) return
    this.#checkedAt = now
    for (const entry of this.#book.all()) {
      const isIn = this.#nodes.has(entry)
      const belongs = this.#sees(entry)
      if (belongs && !isIn) this.#add(entry)
      else if (!belongs && isIn) this.#remove(entry)
    }
  }

  #changed(entry: TopicEntry, messages: number, now: number): void {
    const node = this.#nodes.get(entry)
    if (node === undefined) {
      if (this.#sees(entry)) this.#add(entry)
      return
    }
    this.version += 1
    for (let at: TopicNode | null = node; at !== null; at = at.parent) {
      at.version = this.version
      if (messages === 0) continue
      at.messages += messages
      if (entry.isRefused) at.refused += messages
      addTo(at.rate, messages, now)
    }
  }

  #add(entry: TopicEntry): void {
    const node = this.#node(entry)
    const isNewTopic = node.entries.length === 0
    node.entries.push(entry)
    this.#nodes.set(entry, node)
    this.#count(node, { topics: isNewTopic ? 1 : 0, sign: 1 }, entry)
  }

  #remove(entry: TopicEntry): void {
    const node = this.#nodes.get(entry)
    if (node === undefined) return
    this.#nodes.delete(entry)
    node.entries = node.entries.filter((one) => one !== entry)
    this.#count(node, { topics: node.entries.length === 0 ? 1 : 0, sign: -1 }, entry)
    // Levels that hold nothing any more go.
    for (let at = node; at.parent !== null; at = at.parent) {
      if (at.entries.length > 0 || at.children !== null) return
      const { children } = at.parent
      children?.delete(levelOf(at))
      if (children?.size === 0) at.parent.children = null
    }
  }

  /** What an entry brings, or takes away, at its level and all above. */
  #count(node: TopicNode, { topics, sign }: { topics: number; sign: 1 | -1 }, entry: TopicEntry): void {
    this.version += 1
    for (let at: TopicNode | null = node; at !== null; at = at.parent) {
      at.version = this.version
      at.topics += sign * topics
      at.messages += sign * entry.messages
      if (entry.isRefused) at.refused += sign * entry.messages
      const now = Math.max(at.rate.at, entry.rate.at)
      at.rate.perSecond = Math.max(0, faded(at.rate, now) + sign * faded(entry.rate, now))
      at.rate.at = now
    }
  }

  #node({ topic, owner }: TopicEntry): TopicNode {
    const levels = topic.split('/')
    if (levels.length > LEVELS) levels.splice(LEVELS - 1, Infinity, levels.slice(LEVELS - 1).join('/'))
    let node = this.root
    for (const level of levels) {
      node.children ??= new Map()
      const known = node.children.get(level)
      const child = known ?? newNode(node === this.root ? level : `${node.path}/${level}`, node)
      if (known === undefined) node.children.set(level, child)
      if (child.gatewayId === null && owner.kind === 'gateway' && this.#isNamed(level, owner.gatewayId))
        child.gatewayId = owner.gatewayId
      node = child
    }
    return node
  }

  /** Whether a level is a gateway's name on the wire. */
  #isNamed(level: string, gatewayId: string): boolean {
    const row = this.#gateway(gatewayId)
    if (row === undefined) return false
    if (level === row.id || level === row.label) return true
    return row.mac !== null && normalizeMac(level) === row.mac
  }
}

function levelOf({ path, parent }: TopicNode): string {
  return parent === null || parent.parent === null ? path : path.slice(parent.path.length + 1)
}

function newNode(path: string, parent: TopicNode | null): TopicNode {
  return {
    path,
    parent,
    children: null,
    entries: [],
    topics: 0,
    messages: 0,
    refused: 0,
    rate: { perSecond: 0, at: 0 },
    gatewayId: null,
    version: 0,
  }
}
