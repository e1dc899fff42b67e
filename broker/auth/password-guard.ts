import { RecentMap } from './recent-map.ts'

const MINUTE = 60_000
const REMEMBERED = 10_000

interface Source {
  wrong: number
  since: number
}

/**
 * Bounds guessing: after so many wrong passwords within a minute an address is refused unheard for the rest of it. A client
 * that came from there before with the right password is heard all the same, or whoever shares its address could
 * lock it out.
 */
export class PasswordGuard {
  private readonly most: number
  private readonly now: () => number
  private readonly sources = new RecentMap<Source>(REMEMBERED)
  /** Network and user name of those that were let in. */
  private readonly known = new RecentMap<true>(REMEMBERED)

  /** @param now a clock that never jumps, ms */
  constructor(most: number, now = performance.now.bind(performance)) {
    this.most = most
    this.now = now
  }

  /** Whether a password from here is looked at. */
  hears(address: string, username: string): boolean {
    const network = networkOf(address)
    const source = this.sources.get(network)
    if (!source || source.wrong < this.most) return true
    if (this.now() - source.since >= MINUTE) {
      this.sources.delete(network)
      return true
    }
    return this.known.get(pair(network, username)) ?? false
  }

  wrong(address: string): void {
    const network = networkOf(address)
    const source = this.sources.get(network)
    const now = this.now()
    if (source && now - source.since < MINUTE) source.wrong += 1
    else this.sources.set(network, { wrong: 1, since: now })
  }

  right(address: string, username: string): void {
    this.known.set(pair(networkOf(address), username), true)
  }
}

function pair(network: string, username: string): string {
  return `${network} ${username}`
}

/** A household has a whole /64 of IPv6 addresses: they count as one. */
function networkOf(address: string): string {
  if (!address.includes(':')) return address
  const [head = '', tail] = (address.split('%')[0] ?? '').split('::')
  const groups = head.split(':').filter(Boolean)
  const after = tail === undefined ? [] : tail.split(':').filter(Boolean)
  const zeros = Array.from(
    { length: tail === undefined ? 0 : Math.max(0, 8 - groups.length - after.length) },
    () => '0',
  )
  return [...groups, ...zeros, ...after].slice(0, 4).join(':')
}
