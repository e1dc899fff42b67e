import { setTimeout as sleep } from 'node:timers/promises'
import type { TopicMessage, TopicsFollowed } from '#contract/api/topics.ts'
import type { TapBatch } from '#contract/model/tapped.ts'
import { type Actor, scopeOf, type TenantScope } from '#features/access/index.ts'
import type { FleetService } from '#features/fleet/index.ts'
import type { TenantsService } from '#features/tenants/index.ts'
import type { Log } from '#platform/log/log.ts'
import { MessageFollow } from './message-follow.ts'
import { type CapturedMessage, messageOf, messageView } from './message-view.ts'
import { searchText } from './search-text.ts'
import { TapControl, type TapUse } from './tap-control.ts'
import { TopicBook, type TopicEntry } from './topic-book.ts'
import { filterMatcher, isFilter, topicTest } from './topic-filter.ts'
import type { TopicPublisher } from './topic-publisher.ts'
import { TopicRows } from './topic-rows.ts'
import { narrowed, seesTopic, tapScope } from './topic-scope.ts'
import { TopicTree } from './topic-tree.ts'
import type { GatewayOf, TopicsBroker } from './topics-port.ts'
import { WatcherLimits } from './watcher-limits.ts'

/** Messages of a follow in one batch of the broker: of one topic, and of a filter. */
const OF_TOPIC = 50
const OF_FILTER = 250
/** Retained messages that a filter begins with. */
const RETAINED_FIRST = 200
/** The broker's first batch, with what is retained, is there after so long, ms. */
const FIRST_BATCH = 400

export interface TopicsDependencies {
  log: Log
  tenants: TenantsService
  fleet: Pick<FleetService, 'find'>
  broker: TopicsBroker
  publisher: Pick<TopicPublisher, 'accepts'>
  gateway: GatewayOf
}

export interface CaptureQuery {
  /** Topic filter, or text. */
  filter?: string | undefined
  /** What it sent, and what is for it. */
  gatewayId?: string | undefined
  /** ms */
  wait: number
  limit: number
}

interface SharedTree {
  tree: TopicTree
  users: number
}

/** What is published, for people who look: as a tree, and message by message. While nobody does, it costs nothing. */
export class TopicsService {
  readonly #dependencies: TopicsDependencies
  readonly #book = new TopicBook()
  readonly #control: TapControl
  readonly #limits = new WatcherLimits()
  /** By scope and filter: people who see the same share it. */
  readonly #trees = new Map<string, SharedTree>()
  readonly #follows = new Map<number, MessageFollow>()

  constructor(dependencies: TopicsDependencies) {
    this.#dependencies = dependencies
    this.#control = new TapControl({
      broker: dependencies.broker,
      log: dependencies.log,
      changed: (tenants) => {
        if (tenants === null) this.#book.keepOnly(null)
        else if (!tenants.all) this.#book.keepOnly(tenants.ids)
      },
    })
  }

  stop(): void {
    this.#control.stop()
  }

  brokerRestarted(): void {
    this.#control.brokerRestarted()
  }

  tapped(batch: TapBatch): void {
    if (!this.#control.isOpen) return
    this.#book.apply(batch, performance.now())
    for (const message of batch.followed)
      for (const id of message.follows) this.#follows.get(id)?.add(message)
    for (const { id, messages } of batch.passedOver) this.#follows.get(id)?.passedOver(messages)
  }

  /** The scope of a caller who asked for one tenant. @throws ExpectedError `tenant_unknown` */
  async scope(actor: Actor, tenant: string | undefined): Promise<TenantScope> {
    const scope = scopeOf(actor)
    if (tenant === undefined) return scope
    return narrowed(scope, (await this.#dependencies.tenants.resolve(scope, tenant)).id)
  }

  /**
   * The tree of what the caller may see.
   *
   * @param expanded paths whose next level is shown; null: of all
   * @throws ExpectedError `too_many_watchers`
   */
  watch(
    actor: Actor,
    scope: TenantScope,
    { filter, expanded }: { filter: string; expanded: ReadonlySet<string> | null },
  ): { rows: TopicRows; close(): void } {
    const leave = this.#limits.enter(actor)
    const { gateway } = this.#dependencies
    const use = this.#use({ tenantId: tapScope(scope).tenantId, follow: null })
    const key = JSON.stringify([tapScope(scope), filter])
    const shared = this.#trees.get(key) ?? this.#plant(key, scope, filter)
    shared.users += 1
    const parts = { tree: shared.tree, book: this.#book, scope, gateway, expanded }
    const close = once(() => {
      leave()
      use.release()
      shared.users -= 1
      if (shared.users > 0) return
      shared.tree.stop()
      this.#trees.delete(key)
    })
    return { rows: new TopicRows({ ...parts, now: () => performance.now() }), close }
  }

  /**
   * Messages of a topic or filter. What is known of it comes first.
   * @throws ExpectedError `too_many_watchers`
   */
  async follow(
    actor: Actor,
    scope: TenantScope,
    filter: string,
  ): Promise<{ take(): TopicsFollowed | null; close(): void }> {
    const leave = this.#limits.enter(actor)
    const isTopic = !isFilter(filter)
    const isFirst = !this.#control.isOpen
    const seen = tapScope(scope)
    const most = isTopic ? OF_TOPIC : OF_FILTER
    const use = this.#use({ tenantId: seen.tenantId, follow: { ...seen, filter, most } })
    const { gateway, publisher } = this.#dependencies
    const follow = new MessageFollow(scope, gateway)
    // From here on: what comes while the first batch is awaited is shown or counted as well.
    this.#follows.set(use.id, follow)
    const close = once(() => {
      leave()
      this.#follows.delete(use.id)
      use.release()
    })
    let publishable: boolean
    try {
      publishable = isTopic && (await publisher.accepts(scope, filter))
      if (isFirst) await sleep(FIRST_BATCH)
    } catch (error) {
      close()
      throw error
    }
    follow.precede(this.#known(filter).map(messageOf))
    let isBegun = false
    return {
      take: () => {
        const taken = follow.take() ?? (isBegun ? null : { messages: [], notShown: 0 })
        isBegun = true
        return taken && { ...taken, publishable, ...this.#stateOf(scope, isTopic ? filter : null) }
      },
      close,
    }
  }

  /**
   * The newest message of each topic, and what was refused, for others who look at messages: the editor of dialects, the
   * connection doctor. The newest first.
   */
  async capture(
    scope: TenantScope,
    { filter = '', gatewayId, wait, limit }: CaptureQuery,
  ): Promise<CapturedMessage[]> {
    const { gateway, broker } = this.#dependencies
    const use = this.#use({ tenantId: tapScope(scope).tenantId, follow: null })
    try {
      if (wait > 0) await sleep(wait)
      const fits = topicTest(filter, gateway)
      const refused = (await broker.refusedMessages()).filter((message) =>
        fits({ text: searchText(message.topic), ...message }),
      )
      const isKept = new Set(refused.map(({ topic, at }) => `${at} ${topic}`))
      const newest = [...this.#book.all()]
        .filter(fits)
        .map(messageOf)
        .filter(({ topic, at }) => !isKept.has(`${at} ${topic}`))
      return [...refused, ...newest]
        .filter(({ owner }) => seesTopic(scope, owner, gateway))
        .filter((message) => gatewayId === undefined || isOf(message, gatewayId))
        .toSorted((a, b) => (b.at ?? 0) - (a.at ?? 0))
        .slice(0, limit)
    } finally {
      use.release()
    }
  }

  /** The same, as people are shown it. @throws ExpectedError `too_many_watchers`, `not_found` */
  async captured(
    actor: Actor,
    scope: TenantScope,
    { gateway: reference, ...query }: Omit<CaptureQuery, 'gatewayId'> & { gateway?: string | undefined },
  ): Promise<TopicMessage[]> {
    const { fleet, gateway } = this.#dependencies
    const found = reference === undefined ? null : await fleet.find(scope, { gateway: reference })
    const leave = this.#limits.enter(actor)
    try {
      const messages = await this.capture(scope, { ...query, gatewayId: found?.id })
      return messages.map((message) => messageView(scope, message, gateway))
    } finally {
      leave()
    }
  }

  #use(use: TapUse) {
    if (!this.#control.isOpen) this.#book.openedAt = performance.now()
    return this.#control.use(use)
  }

  #plant(key: string, scope: TenantScope, filter: string): SharedTree {
    const { gateway } = this.#dependencies
    const fits = topicTest(filter, gateway)
    const sees = (entry: TopicEntry): boolean => seesTopic(scope, entry.owner, gateway) && fits(entry)
    const shared = { tree: new TopicTree(this.#book, sees, gateway), users: 0 }
    shared.tree.start()
    this.#trees.set(key, shared)
    return shared
  }

  /** What a follow begins with: all of one topic; of a filter, as a subscription would, what is retained. */
  #known(filter: string): TopicEntry[] {
    const fits = filterMatcher(filter)
    const known = [...this.#book.all()].filter(
      ({ topic, retained }) => fits(topic) && (retained || !isFilter(filter)),
    )
    return known.toSorted((a, b) => (a.at ?? 0) - (b.at ?? 0)).slice(-RETAINED_FIRST)
  }

  #stateOf(scope: TenantScope, topic: string | null): Pick<TopicsFollowed, 'total' | 'retained'> {
    const entry = topic === null ? undefined : this.#book.find(topic)
    const isSeen = entry !== undefined && seesTopic(scope, entry.owner, this.#dependencies.gateway)
    return isSeen ? { total: entry.messages, retained: entry.retained } : { total: 0, retained: false }
  }
}

function once(end: () => void): () => void {
  let isOver = false
  return () => {
    if (!isOver) end()
    isOver = true
  }
}

function isOf({ owner, sender }: CapturedMessage, gatewayId: string): boolean {
  if (owner.kind === 'gateway' && owner.gatewayId === gatewayId) return true
  return sender?.kind === 'gateway' && sender.id === gatewayId
}
