import { ExpectedError } from '#contract/errors.ts'
import { normalizeMac } from '#contract/model/ids.ts'
import { type Actor, isOfSite, scopeOf, type TenantScope } from '#features/access/index.ts'
import type { AuditDraft, AuditService } from '#features/audit/index.ts'
import type { gatewaysRepository } from '#features/fleet/index.ts'
import type { TenantsService } from '#features/tenants/index.ts'
import type { Clock } from '#platform/clock/clock.ts'
import type { SiteDb } from '#platform/db/site-db.ts'
import type { EnrollmentService } from '../enrollment.service.ts'
import type { KnockBook, KnockRow } from '../knocks/knock-book.ts'
import { hashOf } from '../knocks/knock-secrets.ts'
import {
  isClaimedAs,
  knockById,
  knockByToken,
  waitingAs,
  waitingByMacEnd,
} from '../knocks/knocks.repository.ts'
import { type ClaimedAs, orderFor } from './claim-order.ts'
import type { ClaimWindows } from './claim-windows.ts'
import { countWaiting, listKnocks, viewKnocks } from './knock-list.ts'

export interface ClaimsDependencies {
  db: SiteDb
  clock: Clock
  audit: AuditService
  tenants: TenantsService
  book: KnockBook
  windows: ClaimWindows
  enrollment: Pick<EnrollmentService, 'enroll'>
  /** The public key of a certificate request that was checked when the box knocked. */
  readKey: Parameters<typeof orderFor>[2]
  /** @throws ExpectedError `dialect_unknown` */
  requireDialect(name: string): void
}

/** How a person names a box: by one of these. */
export interface BoxReference {
  knock?: string | undefined
  token?: string | undefined
  label?: string | undefined
}

export interface Claim extends ClaimedAs, BoxReference {}

/** Who claims, and how far their rights go. */
export interface Claimant {
  actor: Actor
  scope: TenantScope
}

/** Boxes of a list that the same label is looked up in: more is no one's box. */
const AMBIGUOUS = 20

/** Claiming boxes that knock: by people of the site at any time, by those of a tenant in its window or with the box's token. */
export class ClaimsService {
  readonly #dependencies: ClaimsDependencies

  constructor(dependencies: ClaimsDependencies) {
    this.#dependencies = dependencies
  }

  /** Newest first. @throws ExpectedError `tenant_unknown` */
  async list(
    actor: Actor,
    query: {
      tenant?: string | undefined
      state?: KnockRow['state'] | undefined
      search?: string | undefined
      limit: number
      after?: string | undefined
    },
  ) {
    const { db, book, tenants } = this.#dependencies
    const scope = scopeOf(actor)
    const tenantId = query.tenant === undefined ? null : (await tenants.resolve(scope, query.tenant)).id
    const seesWaiting = await this.seesWaiting(actor)
    await book.flush()
    const rows = await listKnocks(db, scope, {
      tenantId,
      seesWaiting,
      state: query.state ?? null,
      search: query.search || null,
      limit: query.limit + 1,
      after: query.after ?? null,
    })
    const page = rows.slice(0, query.limit)
    return {
      knocks: await viewKnocks(db, scope, page),
      next: rows.length > query.limit ? (page.at(-1)?.id ?? null) : null,
      waiting: seesWaiting ? await countWaiting(db) : 0,
    }
  }

  /** Whether the caller sees who waits now. */
  async seesWaiting(actor: Actor): Promise<boolean> {
    return isOfSite(actor) || (await this.#dependencies.windows.open(scopeOf(actor))).length > 0
  }

  /**
   * Makes a box that waits a gateway.
   * @throws ExpectedError `tenant_unknown`, `claim_window_closed`, `claim_conflict`, `claim_ambiguous`, `activation_token_invalid`,
   *   `not_found`, `dialect_unknown`, and those of `EnrollmentService.enroll`
   */
  async accept(claimant: Claimant, claim: Claim, audit: AuditDraft): Promise<gatewaysRepository.GatewayRow> {
    audit.details = { by: wayOfNaming(claim) }
    await this.#dependencies.tenants.resolve(claimant.scope, claim.tenant)
    const knock = await this.find(claimant, claim, audit)
    return this.make(claimant.scope, knock, claim, audit)
  }

  /** One that was found, whatever allowed to claim it. @throws ExpectedError as `accept` */
  async make(
    scope: TenantScope,
    knock: KnockRow,
    as: ClaimedAs,
    audit: AuditDraft,
  ): Promise<gatewaysRepository.GatewayRow> {
    const { book, db, enrollment, readKey, requireDialect } = this.#dependencies
    const by = audit.subject.actor.name
    audit.object ??= { kind: 'knock', id: knock.id }
    audit.details = { ...audit.details, ...factsOf(knock) }
    if (as.dialect !== undefined) requireDialect(as.dialect)
    await this.#requireServable(knock, scope, as)
    const order = orderFor(knock, as, readKey)
    let made: string | null = null
    try {
      const { gateway } = await enrollment.enroll(order, scope, audit, async (trx, { gatewayId }) => {
        await book.claim(trx, knock, { gatewayId, by })
        made = gatewayId
      })
      book.gone(knock.id)
      return gateway
    } catch (error) {
      // Whoever was first has its MAC, code and label by now: what is wrong is that the box is gone.
      const now = await knockById(db, knock.id)
      // By this call: what failed came after.
      if (isClaimedAs(now, made)) book.gone(knock.id)
      else if (
        now?.state !== 'waiting' &&
        !(error instanceof ExpectedError && error.code === 'claim_conflict')
      )
        throw conflict(knock, now?.state)
      throw error
    }
  }

  /** @throws ExpectedError `not_found`, `claim_window_closed`, `claim_conflict` */
  async dismiss(claimant: Claimant, id: string, audit: AuditDraft): Promise<void> {
    const { book, db, audit: log } = this.#dependencies
    const knock = await this.find(claimant, { knock: id }, audit)
    audit.about('knock', id, audit.tenantId, factsOf(knock))
    await db.transaction().execute(async (trx) => {
      await book.dismiss(trx, knock)
      await log.recordIn(trx, audit)
    })
    book.gone(id)
  }

  /**
   * The box that is meant, if the caller may claim it.
   * @throws ExpectedError `not_found`, `claim_window_closed`, `claim_conflict`, `claim_ambiguous`, `activation_token_invalid`
   */
  async find(
    claimant: Claimant,
    { knock: id, token, label }: BoxReference,
    audit: AuditDraft,
  ): Promise<KnockRow> {
    const { db, book } = this.#dependencies
    if (token !== undefined) return this.#byToken(token)
    await this.requireSight(claimant.actor)
    await book.flush()
    if (id !== undefined) {
      const found = await knockById(db, id)
      if (!found) throw new ExpectedError('not_found', { what: 'box that knocks', id })
      audit.object = { kind: 'knock', id }
      if (found.state !== 'waiting') throw conflict(found, found.state)
      return found
    }
    if (label === undefined)
      throw new ExpectedError('input_invalid', { issues: 'give knock, token or label' })
    const found = await this.#byLabel(label)
    if (found.length > 1) throw new ExpectedError('claim_ambiguous', { label, count: found.length })
    if (!found[0]) throw new ExpectedError('not_found', { what: 'box that knocks as', id: label })
    return found[0]
  }

  async #byToken(token: string): Promise<KnockRow> {
    const { db, clock } = this.#dependencies
    const found = await knockByToken(db, hashOf(token))
    const isGood =
      found?.state === 'waiting' && found.tokenExpiresAt !== null && found.tokenExpiresAt > clock.now()
    if (!isGood) throw new ExpectedError('activation_token_invalid')
    return found
  }

  /** As it is printed on the box: its label, given or made of the MAC, its MAC in any spelling, or its device id. */
  async #byLabel(given: string): Promise<KnockRow[]> {
    const { db } = this.#dependencies
    const named = await waitingAs(db, { mac: normalizeMac(given), label: given, deviceId: given }, AMBIGUOUS)
    const digits = /^ESP-([0-9A-F]{6}|[0-9A-F]{12})$/i.exec(given)?.[1]
    if (named.length > 0 || digits === undefined) return named
    return waitingByMacEnd(db, (digits.toLowerCase().match(/../g) ?? []).join(':'), AMBIGUOUS)
  }

  /** @throws ExpectedError `claim_window_closed` where the caller does not see who waits */
  async requireSight(actor: Actor): Promise<void> {
    if (await this.seesWaiting(actor)) return
    const { tenants } = this.#dependencies
    const [tenant] = await tenants.list(scopeOf(actor))
    throw new ExpectedError('claim_window_closed', { tenant: tenant?.name ?? '' })
  }

  /**
   * A box that holds no poll secret is served in a window of its tenant alone: claimed outside of one it would never get what
   * is made for it. @throws ExpectedError `claim_window_closed`
   */
  async #requireServable(knock: KnockRow, scope: TenantScope, { tenant }: ClaimedAs): Promise<void> {
    if (knock.pollSecretHash !== null) return
    const { tenants, windows } = this.#dependencies
    const { id, name } = await tenants.resolve(scope, tenant)
    if (!(await windows.isOpenFor(id))) throw new ExpectedError('claim_window_closed', { tenant: name })
  }
}

function wayOfNaming({ knock, token }: BoxReference): string {
  if (token !== undefined) return 'token'
  return knock === undefined ? 'label' : 'list'
}

/** What the audit keeps of a box that was claimed or sent away. */
function factsOf({ id, way, address, mac, label, deviceId, flagged, pollSecretHash }: KnockRow) {
  const unproven = pollSecretHash === null
  return { knock: id, way, from: address, mac, label, deviceId, flagged: flagged === 1, unproven }
}

function conflict({ id, mac, label, deviceId }: KnockRow, state: string | undefined): ExpectedError {
  return new ExpectedError('claim_conflict', { box: mac ?? label ?? deviceId ?? id, state: state ?? 'gone' })
}
