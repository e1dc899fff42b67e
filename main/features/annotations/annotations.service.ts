import type { Annotation } from '#contract/api/annotations.ts'
import { ExpectedError } from '#contract/errors.ts'
import { type Actor, isWhole, scopeOf, type TenantScope } from '#features/access/index.ts'
import type { AuditDraft, AuditService } from '#features/audit/index.ts'
import type { TenantsService } from '#features/tenants/index.ts'
import type { Clock } from '#platform/clock/clock.ts'
import type { SiteDb, SiteTrx } from '#platform/db/site-db.ts'
import { Topic } from '#platform/events/topic.ts'
import { uuid7 } from '#platform/ids/uuid7.ts'
import * as repository from './annotations.repository.ts'

export interface AnnotationsDependencies {
  db: SiteDb
  clock: Clock
  audit: AuditService
  tenants: TenantsService
  /** The tenant of a channel. @throws ExpectedError `not_found`, also out of scope */
  tenantOfChannel(scope: TenantScope, channelId: string): string | Promise<string>
}

export interface AnnotationQuery {
  from: number
  to: number
  channelIds?: string[] | undefined
  limit: number
}

export interface AnnotationDraft {
  from: number
  to?: number | undefined
  text: string
  channelIds: string[]
  tenant?: string | undefined
}

export interface AnnotationChanges {
  version: number
  from?: number | undefined
  to?: number | undefined
  text?: string | undefined
  channelIds?: string[] | undefined
}

/** What people wrote at a time, or a span of it, for everyone of their tenant. */
export class AnnotationsService {
  readonly #dependencies: AnnotationsDependencies
  /** One was made, changed or deleted. */
  readonly changed = new Topic<{ tenantId: string }>()

  constructor(dependencies: AnnotationsDependencies) {
    this.#dependencies = dependencies
  }

  /** @throws ExpectedError `range_invalid` */
  async list(
    scope: TenantScope,
    query: AnnotationQuery,
  ): Promise<{ annotations: Annotation[]; more: boolean }> {
    if (query.from >= query.to) throw new ExpectedError('range_invalid', { cause: 'from is not before to' })
    const { from, to, channelIds = null, limit } = query
    const rows = await repository.listAnnotations(this.#dependencies.db, scope, {
      from,
      to,
      channelIds,
      limit: limit + 1,
    })
    return { annotations: rows.slice(0, limit).map(annotationOf), more: rows.length > limit }
  }

  /** @throws ExpectedError `not_found` (a channel), `tenant_unknown`, `range_invalid` */
  async create(actor: Actor, draft: AnnotationDraft, audit: AuditDraft): Promise<Annotation> {
    const { db, clock, audit: log } = this.#dependencies
    const scope = scopeOf(actor)
    const { from, to = from, text } = draft
    checkSpan(from, to)
    const channelIds = [...new Set(draft.channelIds)]
    const now = clock.now()
    const row = {
      id: uuid7(now),
      tenantId: await this.#tenantOf(scope, channelIds, draft.tenant),
      fromAt: from,
      toAt: to,
      text,
      channelIds: JSON.stringify(channelIds),
      authorUserId: actor.kind === 'user' ? actor.id : null,
      authorName: actor.kind === 'anonymous' ? null : actor.name,
      version: 1,
      createdAt: now,
      updatedAt: now,
    }
    await db.transaction().execute(async (trx) => {
      await repository.insertAnnotation(trx, row)
      await log.recordIn(trx, audit.about('annotation', row.id, row.tenantId, { from, to, text, channelIds }))
    })
    this.changed.emit({ tenantId: row.tenantId })
    return annotationOf(await this.#find(db, scope, row.id))
  }

  /** @throws ExpectedError `not_found`, `range_invalid`, `annotation_changed` */
  async update(
    scope: TenantScope,
    id: string,
    changes: AnnotationChanges,
    audit: AuditDraft,
  ): Promise<Annotation> {
    const { db, clock, audit: log } = this.#dependencies
    const known = await this.#find(db, scope, id)
    await this.#requireAll(scope, idsOf(known))
    if (changes.channelIds !== undefined) await this.#tenantOf(scope, changes.channelIds, known.tenantId)
    await db.transaction().execute(async (trx) => {
      const row = await this.#find(trx, scope, id)
      const before = { from: row.fromAt, to: row.toAt, text: row.text, channelIds: idsOf(row) }
      const from = changes.from ?? row.fromAt
      // A point stays one where only its time is changed.
      const to = changes.to ?? (changes.from !== undefined && row.toAt === row.fromAt ? from : row.toAt)
      checkSpan(from, to)
      const after = {
        from,
        to,
        text: changes.text ?? row.text,
        channelIds: [...new Set(changes.channelIds ?? before.channelIds)],
      }
      const isSaved = await repository.updateAnnotation(trx, id, changes.version, {
        fromAt: from,
        toAt: to,
        text: after.text,
        channelIds: JSON.stringify(after.channelIds),
        updatedAt: clock.now(),
      })
      if (!isSaved) throw new ExpectedError('annotation_changed')
      await log.recordIn(trx, audit.about('annotation', id, row.tenantId, { before, after }))
    })
    this.changed.emit({ tenantId: known.tenantId })
    return annotationOf(await this.#find(db, scope, id))
  }

  /** @throws ExpectedError `not_found` */
  async delete(scope: TenantScope, id: string, audit: AuditDraft): Promise<void> {
    const { db, audit: log } = this.#dependencies
    const tenantId = await db.transaction().execute(async (trx) => {
      const row = await this.#find(trx, scope, id)
      await this.#requireAll(scope, idsOf(row))
      const { fromAt: from, toAt: to, text } = row
      await repository.deleteAnnotation(trx, id)
      await log.recordIn(
        trx,
        audit.about('annotation', id, row.tenantId, { from, to, text, channelIds: idsOf(row) }),
      )
      return row.tenantId
    })
    this.changed.emit({ tenantId })
  }

  async #find(db: SiteDb | SiteTrx, scope: TenantScope, id: string): Promise<repository.AnnotationRow> {
    const row = await repository.annotationById(db, scope, id)
    if (!row) throw new ExpectedError('not_found', { what: 'annotation', id })
    return row
  }

  /** Who sees a part changes what is about that part alone. @throws ExpectedError `not_found`, `forbidden_reach` */
  async #requireAll(scope: TenantScope, channelIds: string[]): Promise<void> {
    if (isWhole(scope)) return
    if (channelIds.length === 0) requireWhole(scope)
    for (const channelId of channelIds) await this.#dependencies.tenantOfChannel(scope, channelId)
  }

  /** The tenant of the channels, which are all of one; without channels the one named, or the caller's only one. */
  async #tenantOf(scope: TenantScope, channelIds: string[], reference: string | undefined): Promise<string> {
    const { tenants, tenantOfChannel } = this.#dependencies
    if (channelIds.length === 0) requireWhole(scope)
    const owners = new Set<string>()
    for (const channelId of channelIds) owners.add(await tenantOfChannel(scope, channelId))
    const [owner, ...others] = owners
    if (others.length > 0)
      throw new ExpectedError('tenant_unknown', { tenant: '(the channels belong to several)' })
    if (owner === undefined) return (await tenants.resolve(scope, reference)).id
    if (reference !== undefined && (await tenants.resolve(scope, reference)).id !== owner)
      throw new ExpectedError('tenant_unknown', { tenant: `${reference} (the channels belong to another)` })
    return owner
  }
}

/** What is about everything is written by those who see everything. @throws ExpectedError `forbidden_reach` */
function requireWhole(scope: TenantScope): void {
  if (!isWhole(scope)) throw new ExpectedError('forbidden_reach', { reach: 'tenant' })
}

function checkSpan(from: number, to: number): void {
  if (to < from) throw new ExpectedError('range_invalid', { cause: 'to is before from' })
}

function idsOf(row: { channelIds: string }): string[] {
  return JSON.parse(row.channelIds) as string[]
}

function annotationOf(row: repository.AnnotationRow): Annotation {
  const { id, tenantId, tenantSlug, tenantName, fromAt, toAt, text, authorName, version } = row
  return {
    id,
    tenant: { id: tenantId, slug: tenantSlug, name: tenantName },
    from: fromAt,
    to: toAt,
    text,
    channelIds: idsOf(row),
    authorName,
    version,
    createdAt: new Date(row.createdAt),
    updatedAt: new Date(row.updatedAt),
  }
}
