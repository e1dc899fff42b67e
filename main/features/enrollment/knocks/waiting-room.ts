import { tooMany } from './knock-limits.ts'

/** Boxes that may wait, in all and of one network. */
export const MOST_WAITING = 10_000
export const MOST_OF_NETWORK = 2_000
/** A box that polled and has not been heard for so long waits no more where others want its place, ms. */
const QUIET_AFTER = 10 * 60_000
/** Who finds no place is told to come again then, ms. */
const COME_AGAIN = 60_000

interface Waiting {
  network: string
  polled: boolean
  heardAt: number
}

/** Never polled, the one that came first at the front; and those that did. */
interface Network {
  unproved: Set<string>
  polling: Set<string>
}

/**
 * Who waits to be claimed, as far as bounds need it. A million made-up MACs push each other out and nobody else: first
 * those that never came back, of the network that has most of them; then those that have gone quiet. A box that polls
 * keeps its place.
 */
export class WaitingRoom {
  readonly #boxes = new Map<string, Waiting>()
  readonly #networks = new Map<string, Network>()
  /** Networks by how many of theirs never polled. */
  readonly #byCrowd = new Map<number, Set<string>>()
  #largest = 0

  get size(): number {
    return this.#boxes.size
  }

  has(id: string): boolean {
    return this.#boxes.has(id)
  }

  /**
   * Gives a box a place. @returns the one that had to go for it, or null
   * @throws ExpectedError `knocks_too_many`
   */
  enter(id: string, network: string, now: number): string | null {
    const pushedOut = this.#makeRoom(network, now)
    if (pushedOut !== null) this.leave(pushedOut)
    this.put(id, { network, polled: false, heardAt: now })
    return pushedOut
  }

  /** One that is stored already. */
  put(id: string, box: Waiting): void {
    this.#boxes.set(id, box)
    const network = this.#networks.get(box.network) ?? { unproved: new Set(), polling: new Set() }
    this.#networks.set(box.network, network)
    if (box.polled) network.polling.add(id)
    else this.#count(box.network, network, () => network.unproved.add(id))
  }

  heard(id: string, now: number): void {
    const box = this.#boxes.get(id)
    if (box === undefined) return
    this.leave(id)
    // Last in line of those that poll: the first is the one that is quiet for longest.
    this.put(id, { ...box, polled: true, heardAt: now })
  }

  leave(id: string): void {
    const box = this.#boxes.get(id)
    const network = box && this.#networks.get(box.network)
    if (box === undefined || network === undefined) return
    this.#boxes.delete(id)
    if (box.polled) network.polling.delete(id)
    else this.#count(box.network, network, () => network.unproved.delete(id))
    if (network.unproved.size + network.polling.size === 0) this.#networks.delete(box.network)
  }

  keepOnly(ids: ReadonlySet<string>): void {
    for (const id of this.#boxes.keys()) if (!ids.has(id)) this.leave(id)
  }

  #makeRoom(name: string, now: number): string | null {
    const own = this.#networks.get(name)
    if (own !== undefined && own.unproved.size + own.polling.size >= MOST_OF_NETWORK) {
      const id = first(own.unproved) ?? this.#quietOf(own, now)
      if (id === undefined) throw tooMany('network', COME_AGAIN)
      return id
    }
    if (this.#boxes.size < MOST_WAITING) return null
    const id = first(this.#mostCrowded()?.unproved) ?? this.#quiet(now)
    if (id === undefined) throw tooMany('site', COME_AGAIN)
    return id
  }

  #mostCrowded(): Network | undefined {
    const name = first(this.#byCrowd.get(this.#largest))
    return name === undefined ? undefined : this.#networks.get(name)
  }

  #quietOf({ polling }: Network, now: number): string | undefined {
    const id = first(polling)
    const heardAt = id === undefined ? now : (this.#boxes.get(id)?.heardAt ?? now)
    return now - heardAt > QUIET_AFTER ? id : undefined
  }

  #quiet(now: number): string | undefined {
    for (const network of this.#networks.values()) {
      const id = this.#quietOf(network, now)
      if (id !== undefined) return id
    }
    return undefined
  }

  /** Changes the crowd of a network, and where it is found by it. */
  #count(name: string, network: Network, change: () => unknown): void {
    this.#byCrowd.get(network.unproved.size)?.delete(name)
    change()
    const crowd = network.unproved.size
    const peers = this.#byCrowd.get(crowd) ?? new Set()
    this.#byCrowd.set(crowd, peers.add(name))
    this.#largest = Math.max(this.#largest, crowd)
    while (this.#largest > 0 && (this.#byCrowd.get(this.#largest)?.size ?? 0) === 0) {
      this.#byCrowd.delete(this.#largest)
      this.#largest -= 1
    }
    // Nobody of it is without a poll: it is in no crowd.
    if (crowd === 0) peers.delete(name)
  }
}

function first<T>(of: Set<T> | undefined): T | undefined {
  return of?.values().next().value
}
