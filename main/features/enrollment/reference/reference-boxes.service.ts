import { ExpectedError } from '#contract/errors.ts'
import type { Clock } from '#platform/clock/clock.ts'
import type { SiteDb } from '#platform/db/site-db.ts'
import { inTurnByKey } from '#platform/events/in-turn-by-key.ts'
import { plainAddress } from '#platform/limits/network-of.ts'
import type { ClaimWindows } from '../claims/claim-windows.ts'
import type { BootstrapService, BoxRequest } from '../knocks/bootstrap.service.ts'
import type { KnockBook, KnockRow } from '../knocks/knock-book.ts'
import { hashOf, newFetchToken } from '../knocks/knock-secrets.ts'
import { knockByToken, knockFrom, setToken } from '../knocks/knocks.repository.ts'

export interface ReferenceBoxesDependencies {
  db: SiteDb
  clock: Clock
  book: KnockBook
  windows: ClaimWindows
  bootstrap: BootstrapService
}

/** How a box of a reference system names itself: by its label (000) or its MAC (001). */
export type ReferenceBox = { way: 'slots'; label: string } | { way: 'tds'; mac: string }

/** What it is told. */
export type ReferenceState =
  /** Nobody opened a window: it is not heard, and may ask again. */
  { state: 'unheard' } | { state: 'waiting'; token: string | null } | { state: 'claimed'; row: KnockRow }

/** For so long after it was claimed a box without a poll secret is served, ms (000: the life of the secret in its cache). */
const SERVED = 5 * 60_000

/**
 * Boxes whose firmware holds no poll secret. Whoever sends from their address could be them, so they are heard and served in an
 * open claim window alone, from the address that knocked, for five minutes, and shown as unproven.
 */
export class ReferenceBoxes {
  readonly #dependencies: ReferenceBoxesDependencies
  readonly #inTurn = inTurnByKey()

  constructor(dependencies: ReferenceBoxesDependencies) {
    this.#dependencies = dependencies
  }

  /**
   * A box knocks, or asks again. One with a MAC has an activation token, the same until that ends.
   * @throws ExpectedError `knocks_too_many`, `knock_dismissed`
   */
  ask(box: ReferenceBox, address: string): Promise<ReferenceState> {
    const name = box.way === 'tds' ? box.mac : box.label.toLowerCase()
    // One that asks again before it has its answer is not another box.
    return this.#inTurn(`${box.way} ${name} ${plainAddress(address)}`, () => this.#ask(box, address))
  }

  async #ask(box: ReferenceBox, address: string): Promise<ReferenceState> {
    const { book, windows, db } = this.#dependencies
    if (!(await windows.isAnyOpen())) return { state: 'unheard' }
    const { way } = box
    const mac = way === 'tds' ? box.mac : null
    const label = way === 'slots' ? box.label : null
    const withToken = way === 'tds'
    const name = { mac, label, deviceId: null }
    await book.settled()
    const known = await knockFrom(db, { way, address: plainAddress(address), ...name })
    if (known?.state === 'waiting') {
      book.heard(known.id)
      return { state: 'waiting', token: withToken ? (await book.renewToken(known)).token : null }
    }
    if (known?.state === 'claimed' && (await this.#isServed(known, address)))
      return { state: 'claimed', row: known }
    const credential = way === 'slots' ? ('secret' as const) : ('certificate' as const)
    const { token } = await book.knock({
      way,
      mac,
      label,
      deviceId: null,
      chip: null,
      firmware: null,
      hardware: null,
      credential,
      address,
      withToken,
      withPollSecret: false,
    })
    return { state: 'waiting', token }
  }

  /** Opens one fetch of the secret of a box that was claimed; the one that was opened before is closed. */
  async fetchToken(row: KnockRow): Promise<string> {
    const token = newFetchToken()
    await setToken(this.#dependencies.db, row.id, hashOf(token), (row.claimedAt ?? 0) + SERVED)
    return token
  }

  /** @throws ExpectedError `activation_token_invalid`, also when used, late, or from elsewhere; `knock_gone` */
  async fetchByToken(token: string, from: BoxRequest) {
    const { db, clock, bootstrap } = this.#dependencies
    const row = await knockByToken(db, hashOf(token))
    const isGood =
      row?.way === 'slots' &&
      (row.tokenExpiresAt ?? 0) > clock.now() &&
      (await this.#isServed(row, from.address)) &&
      (await this.#use(row))
    if (!isGood) throw new ExpectedError('activation_token_invalid')
    return bootstrap.fetch(row, { ...from, action: 'credential.fetch' })
  }

  /** What was made for a gateway, for the box that knocked for it (001). @throws ExpectedError `not_found`, `knock_gone` */
  async fetchByGateway(gatewayId: string, from: BoxRequest) {
    const { db, bootstrap } = this.#dependencies
    const row = await db
      .selectFrom('knocks')
      .selectAll()
      .where('gatewayId', '=', gatewayId)
      .where('way', '=', 'tds')
      .where('state', '=', 'claimed')
      .orderBy('claimedAt', 'desc')
      .executeTakeFirst()
    if (!row || !(await this.#isServed(row, from.address)))
      throw new ExpectedError('not_found', { what: 'box that may fetch', id: gatewayId })
    return bootstrap.fetch(row, { ...from, action: 'credential.fetch' })
  }

  async #isServed({ state, claimedAt, gatewayId, address }: KnockRow, from: string): Promise<boolean> {
    const { db, clock, windows } = this.#dependencies
    if (state !== 'claimed' || claimedAt === null || claimedAt + SERVED <= clock.now()) return false
    if (plainAddress(from) !== address) return false
    const gateway = await db
      .selectFrom('gateways')
      .select('tenantId')
      .where('id', '=', gatewayId)
      .executeTakeFirst()
    return gateway !== undefined && windows.isOpenFor(gateway.tenantId)
  }

  /** Once: whoever comes second has nothing. */
  async #use({ id, tokenHash }: KnockRow): Promise<boolean> {
    const { numUpdatedRows } = await this.#dependencies.db
      .updateTable('knocks')
      .set({ tokenHash: null, tokenExpiresAt: null })
      .where('id', '=', id)
      .where('tokenHash', '=', tokenHash)
      .executeTakeFirstOrThrow()
    return numUpdatedRows > 0n
  }
}
