/*
 * For whoever adds a way to knock (bootstrap, CSR, those of reference systems):
 *
 *   book.take(address)                  first of all: 429 for who asks too often
 *   await book.knock({ way, … })        a new box: bounded, flagged, on disk when it resolves; gives its poll secret and
 *                                       activation token, once
 *   await book.byPollSecret(secret)     the box that polls (row of `knocks`), or undefined: 410
 *   book.heard(row.id)                  it polled: counted in memory, written every few seconds
 *   await book.renewToken(row)          the token of a box that still waits, another one after that ended
 *
 * For whoever claims one, inside `EnrollmentService.enroll(order, scope, audit, within)`:
 *
 *   within: (trx, made) => book.claim(trx, knock, { gatewayId: made.gatewayId, by: name })     throws `claim_conflict`
 *   and when `enroll` has resolved: book.gone(knock.id)
 *
 * Rows are found with knocks.repository.ts (`waitingAs`: by MAC, label, device id). `claims.service.ts` does all of this for
 * claims by people; `orderFor` there makes the order of a knock, with its public key where it came with a CSR.
 */
import { ExpectedError } from '#contract/errors.ts'
import type { Clock } from '#platform/clock/clock.ts'
import type { SiteDb, SiteTrx } from '#platform/db/site-db.ts'
import { BatchedWrites } from '#platform/events/batched-writes.ts'
import { Topic } from '#platform/events/topic.ts'
import { uuid7 } from '#platform/ids/uuid7.ts'
import { networkOf, plainAddress } from '#platform/limits/network-of.ts'
import type { Log } from '#platform/log/log.ts'
import type { Sealer } from '#platform/secrets/sealing.ts'
import { KnockLimits } from './knock-limits.ts'
import { activationToken, hashOf, newPollSecret } from './knock-secrets.ts'
import * as repository from './knocks.repository.ts'
import { WaitingRoom } from './waiting-room.ts'

export type KnockRow = repository.KnockRow

/** A box that knocks, as it came. Texts are checked and bounded by the route. */
export interface NewKnock
  extends Pick<
    KnockRow,
    'way' | 'mac' | 'label' | 'deviceId' | 'chip' | 'firmware' | 'hardware' | 'credential'
  > {
  address: string
  csr?: Uint8Array
  publicKeyHash?: string
  /** Boxes of reference systems hold none. */
  withPollSecret: boolean
  withToken: boolean
}

/** What the box is given; none of it can be read here again. */
export interface Knocked {
  id: string
  flagged: boolean
  pollSecret: string | null
  token: string | null
  tokenEndsAt: number | null
}

export interface KnockBookDependencies {
  db: SiteDb
  clock: Clock
  log: Log
  /** Whose key the activation tokens are made with: a box that asks again is shown the same one, and none is stored. */
  sealer(): Pick<Sealer, 'derive'>
}

interface Arrival {
  row: Omit<KnockRow, 'flagged'>
  pushedOut: string | null
  done(flagged: boolean): void
  failed(error: unknown): void
}

/** ms */
export const TOKEN_LIFE = 24 * 60 * 60_000
const DAY = 24 * 60 * 60_000
/** Knocks that come together share a transaction: a flood costs a few of them a second. */
const GATHERED = 20
const POLLS_WRITTEN_EVERY = 5_000
const SWEPT_EVERY = 60_000

/** Boxes that ask to be enrolled: kept on disk, bounded in memory. */
export class KnockBook {
  readonly #dependencies: KnockBookDependencies
  readonly #limits = new KnockLimits()
  readonly #room = new WaitingRoom()
  readonly #arrivals: BatchedWrites<Arrival>
  /** Whether any box was sent away lately: else nobody is looked up. */
  #hasDismissed = false
  /** In memory and not yet stored. */
  readonly #arriving = new Set<string>()
  #polls = new Map<string, { count: number; lastAt: number }>()
  #timers: NodeJS.Timeout[] = []
  /** Somebody came, went, or was heard. */
  readonly changed: Topic<'knocks'>

  constructor(dependencies: KnockBookDependencies) {
    this.#dependencies = dependencies
    const { log } = dependencies
    this.changed = new Topic((err) => log.error({ err }, 'a change of who knocks was not followed'))
    this.#arrivals = new BatchedWrites(
      (arrivals) => this.#store(arrivals),
      GATHERED,
      (err) => log.error({ err }, 'boxes that knock could not be written down'),
    )
  }

  async start(): Promise<void> {
    const { log } = this.#dependencies
    await this.#load()
    const every = (ms: number, task: () => Promise<unknown>) => {
      const run = () =>
        void task().catch((err: unknown) =>
          log.error({ err }, 'boxes that knock were not kept; it is tried again'),
        )
      const timer = setInterval(run, ms)
      timer.unref()
      return timer
    }
    this.#timers = [
      every(POLLS_WRITTEN_EVERY, () => this.#writePolls()),
      every(SWEPT_EVERY, () => this.sweep()),
    ]
  }

  async stop(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer)
    this.#timers = []
    await this.flush()
  }

  /** Any request of a box. @throws ExpectedError `knocks_too_many` */
  take(address: string): void {
    this.#limits.take(address, this.#dependencies.clock.now())
  }

  /**
   * A box that was not known; it is on disk when this resolves.
   * @throws ExpectedError `knocks_too_many`, `knock_dismissed`
   */
  async knock(given: NewKnock): Promise<Knocked> {
    const { db, clock } = this.#dependencies
    const now = clock.now()
    const address = plainAddress(given.address)
    const network = networkOf(address)
    this.#limits.takeNew(network, now)
    const dismissed = this.#hasDismissed && (await repository.dismissedLately(db, { ...given, network }, now))
    if (dismissed) throw dismissedError(dismissed.lastAt, now)
    const { withPollSecret, withToken, csr = null, publicKeyHash = null, ...said } = given
    const pollSecret = withPollSecret ? newPollSecret() : null
    const id = uuid7(now)
    const tokenEndsAt = withToken ? now + TOKEN_LIFE : null
    const token = tokenEndsAt === null ? null : this.#token(id, tokenEndsAt)
    const row = {
      ...said,
      id,
      address,
      network,
      polledAt: null,
      pollSecretHash: pollSecret && hashOf(pollSecret),
      tokenHash: token && hashOf(token),
      tokenExpiresAt: tokenEndsAt,
      csr,
      publicKeyHash,
      count: 1,
      firstAt: now,
      lastAt: now,
      state: 'waiting' as const,
      gatewayId: null,
      credentialId: null,
      claimedAt: null,
      claimedByName: null,
    }
    const pushedOut = this.#room.enter(id, network, now)
    this.#arriving.add(id)
    const flagged = await new Promise<boolean>((done, failed) =>
      this.#arrivals.add({ row, pushedOut, done, failed }),
    )
    return { id, flagged, pollSecret, token, tokenEndsAt }
  }

  /** Whoever holds this poll secret. */
  byPollSecret(secret: string): Promise<KnockRow | undefined> {
    return repository.knockByPollSecret(this.#dependencies.db, hashOf(secret))
  }

  /** A box polled. */
  heard(id: string): void {
    const lastAt = this.#dependencies.clock.now()
    this.#room.heard(id, lastAt)
    this.#polls.set(id, { count: (this.#polls.get(id)?.count ?? 0) + 1, lastAt })
  }

  /** Its activation token: the same until that ends, then another. */
  async renewToken({
    id,
    tokenHash,
    tokenExpiresAt,
  }: Pick<KnockRow, 'id' | 'tokenHash' | 'tokenExpiresAt'>): Promise<{ token: string; endsAt: number }> {
    const { db, clock } = this.#dependencies
    const now = clock.now()
    if (tokenExpiresAt !== null && tokenExpiresAt > now) {
      const token = this.#token(id, tokenExpiresAt)
      // Of another key it would be after the site was set up again.
      if (hashOf(token) === tokenHash) return { token, endsAt: tokenExpiresAt }
    }
    const endsAt = now + TOKEN_LIFE
    const token = this.#token(id, endsAt)
    await repository.setToken(db, id, hashOf(token), endsAt)
    return { token, endsAt }
  }

  #token(id: string, endsAt: number): string {
    return activationToken(this.#dependencies.sealer().derive('activation-tokens'), id, endsAt)
  }

  /** In the transaction that makes it a gateway. @throws ExpectedError `claim_conflict`, `not_found` */
  async claim(
    trx: SiteTrx,
    knock: KnockRow,
    { gatewayId, by }: { gatewayId: string; by: string },
  ): Promise<void> {
    const claimedAt = this.#dependencies.clock.now()
    const credentialId = await repository.newestCredential(trx, gatewayId)
    const to = { state: 'claimed' as const, gatewayId, credentialId, claimedAt, claimedByName: by }
    if (!(await repository.takeKnock(trx, knock.id, to))) throw await conflictOf(trx, knock)
  }

  /** Takes a box off the list. @throws ExpectedError `claim_conflict`, `not_found` */
  async dismiss(trx: SiteTrx, knock: KnockRow): Promise<void> {
    const lastAt = this.#dependencies.clock.now()
    this.#hasDismissed = true
    if (!(await repository.takeKnock(trx, knock.id, { state: 'dismissed', lastAt })))
      throw await conflictOf(trx, knock)
    await repository.clearFlags(trx)
  }

  /** Boxes wait no more: once that is on disk. */
  gone(...ids: string[]): void {
    for (const id of ids) this.#room.leave(id)
    this.changed.emit('knocks')
  }

  /** Boxes that are on their way to the store are in it. */
  settled(): Promise<void> {
    return this.#arrivals.flush()
  }

  /** Everything heard so far is on disk when it resolves. */
  async flush(): Promise<void> {
    await this.#arrivals.flush()
    await this.#writePolls()
  }

  /** Drops what has ended; every minute. */
  async sweep(): Promise<void> {
    const { db, clock } = this.#dependencies
    await this.#writePolls()
    const now = clock.now()
    const changed = (await repository.deliverProved(db, now)) + (await repository.deleteOld(db, now))
    // Also of those that others pushed out.
    const cleared = await repository.clearFlags(db)
    if (changed + cleared === 0) return
    await this.#load()
    this.changed.emit('knocks')
  }

  /** What memory holds is what the store has: also after a tenant was deleted with its gateways. */
  async #load(): Promise<void> {
    const { db } = this.#dependencies
    this.#hasDismissed = await repository.anyDismissed(db)
    const waiting = await repository.allWaiting(db)
    this.#room.keepOnly(this.#arriving)
    for (const { id, network, polledAt, lastAt } of waiting)
      if (!this.#room.has(id)) this.#room.put(id, { network, polled: polledAt !== null, heardAt: lastAt })
  }

  async #store(arrivals: Arrival[]): Promise<void> {
    const { db } = this.#dependencies
    // Of those that came together some were pushed out by the ones after them.
    const stay = arrivals.filter(({ row }) => this.#room.has(row.id))
    const pushedOut = arrivals.flatMap((arrival) => arrival.pushedOut ?? [])
    let flagged: boolean[] = []
    try {
      await db.transaction().execute(async (trx) => {
        await repository.deleteWaiting(trx, pushedOut)
        flagged = await repository.insertKnocks(
          trx,
          stay.map(({ row }) => ({ ...row, flagged: 0 as const })),
        )
      })
    } catch (error) {
      for (const { row, failed } of arrivals) {
        this.#room.leave(row.id)
        failed(error)
      }
      throw error
    } finally {
      for (const { row } of arrivals) this.#arriving.delete(row.id)
    }
    const isFlagged = new Map(stay.map(({ row }, n) => [row.id, flagged[n] ?? false]))
    for (const { row, done } of arrivals) done(isFlagged.get(row.id) ?? false)
    this.changed.emit('knocks')
  }

  async #writePolls(): Promise<void> {
    const polls = this.#polls
    if (polls.size === 0) return
    this.#polls = new Map()
    await this.#dependencies.db.transaction().execute((trx) => repository.addPolls(trx, polls))
    this.changed.emit('knocks')
  }
}

/** ms until a box that was sent away may come again. */
function dismissedError(at: number, now: number): ExpectedError {
  return new ExpectedError('knock_dismissed', { seconds: Math.max(1, Math.ceil((at + DAY - now) / 1_000)) })
}

async function conflictOf(trx: SiteTrx, { id, mac, label, deviceId }: KnockRow): Promise<ExpectedError> {
  const now = await repository.knockById(trx, id)
  if (!now) return new ExpectedError('not_found', { what: 'box that knocks', id })
  return new ExpectedError('claim_conflict', { box: mac ?? label ?? deviceId ?? id, state: now.state })
}
