import type { View, ViewContent, ViewKind, ViewSummary } from '#contract/api/views.ts'
import { ExpectedError } from '#contract/errors.ts'
import { DashboardSchema } from '#contract/model/dashboard.ts'
import { TrendSchema } from '#contract/model/trend.ts'
import { type Actor, isWhole, permissionsOf, scopeOf } from '#features/access/index.ts'
import type { AuditDraft, AuditService } from '#features/audit/index.ts'
import type { TenantsService } from '#features/tenants/index.ts'
import type { Clock } from '#platform/clock/clock.ts'
import type { SiteDb, SiteTrx } from '#platform/db/site-db.ts'
import { Topic } from '#platform/events/topic.ts'
import { uuid7 } from '#platform/ids/uuid7.ts'
import * as repository from './views.repository.ts'

/** Of one kind, shared in one tenant or of one owner. */
const MOST_VIEWS = 500

export interface ViewsDependencies {
  db: SiteDb
  clock: Clock
  audit: AuditService
  tenants: TenantsService
}

export interface ViewChanges {
  version: number
  name?: string | undefined
  shared?: boolean | undefined
  content?: unknown
}

/** Saved views: of one person, or shared by those of a tenant. */
export class ViewsService {
  readonly #dependencies: ViewsDependencies
  /** A view was made, changed or deleted. */
  readonly changed = new Topic<{ viewId: string }>()

  constructor(dependencies: ViewsDependencies) {
    this.#dependencies = dependencies
  }

  async list(actor: Actor, kind: ViewKind | null): Promise<ViewSummary[]> {
    const rows = await repository.listViews(this.#dependencies.db, scopeFor(actor), kind)
    return rows.map((row) => summaryOf(row, actor))
  }

  /** @throws ExpectedError `not_found`, also for what another person keeps to themselves */
  async get(actor: Actor, id: string): Promise<View> {
    return viewOf(await this.#find(this.#dependencies.db, actor, id), actor)
  }

  /** @throws ExpectedError `forbidden` (sharing), `tenant_unknown`, `view_name_taken`, `too_many_views` */
  async create(
    actor: Actor,
    input: { name: string; shared: boolean; tenant?: string | undefined } & ViewContent,
    audit: AuditDraft,
  ): Promise<View> {
    const { db, clock, audit: log } = this.#dependencies
    if (input.shared) requireWriting(actor)
    const now = clock.now()
    const view = {
      id: uuid7(now),
      kind: input.kind,
      name: input.name,
      ownerUserId: userIdOf(actor),
      tenantId: await this.#tenantOf(actor, input.tenant),
      shared: Number(input.shared),
      content: JSON.stringify(input.content),
      version: 1,
      createdAt: now,
      updatedAt: now,
      updatedBy: nameOf(actor),
    }
    await db.transaction().execute(async (trx) => {
      await this.#checkDrawer(trx, view)
      await repository.insertView(trx, view)
      const { kind, name } = view
      await log.recordIn(
        trx,
        audit.about('view', view.id, view.tenantId, { kind, name, shared: input.shared }),
      )
    })
    this.changed.emit({ viewId: view.id })
    return this.get(actor, view.id)
  }

  /** @throws ExpectedError `forbidden`, `not_found`, `input_invalid`, `view_changed`, `view_name_taken`, `too_many_views` */
  async update(actor: Actor, id: string, changes: ViewChanges, audit: AuditDraft): Promise<View> {
    const { db, clock, audit: log } = this.#dependencies
    await db.transaction().execute(async (trx) => {
      const view = await this.#find(trx, actor, id)
      audit.about('view', id, view.tenantId)
      if (view.shared === 1 || changes.shared === true) requireWriting(actor)
      if (view.version !== changes.version) throw changedBy(view)
      const name = changes.name ?? view.name
      const shared = changes.shared === undefined ? view.shared : Number(changes.shared)
      // What is taken back from others belongs to whoever takes it back.
      const ownerUserId = view.shared === 1 && shared === 0 ? userIdOf(actor) : view.ownerUserId
      if (name !== view.name || shared !== view.shared)
        await this.#checkDrawer(trx, { ...view, name, shared, ownerUserId })
      const isSaved = await repository.updateView(trx, id, changes.version, {
        name,
        shared,
        ownerUserId,
        ...(changes.content !== undefined && { content: contentText(view.kind, changes.content) }),
        updatedAt: clock.now(),
        updatedBy: nameOf(actor),
      })
      if (!isSaved) throw changedBy(view)
      audit.details = {
        before: { name: view.name, shared: view.shared === 1 },
        after: { name, shared: shared === 1, content: changes.content !== undefined },
      }
      await log.recordIn(trx, audit)
    })
    this.changed.emit({ viewId: id })
    return this.get(actor, id)
  }

  /** @throws ExpectedError `forbidden`, `not_found` */
  async delete(actor: Actor, id: string, audit: AuditDraft): Promise<void> {
    const { db, audit: log } = this.#dependencies
    await db.transaction().execute(async (trx) => {
      const view = await this.#find(trx, actor, id)
      // The whole of it: what was deleted by mistake can be made again from here.
      const { kind, name, content } = view
      audit.about('view', id, view.tenantId, { kind, name, shared: view.shared === 1, content })
      if (view.shared === 1) requireWriting(actor)
      await repository.deleteView(trx, id)
      await log.recordIn(trx, audit)
    })
    this.changed.emit({ viewId: id })
  }

  async #find(db: SiteDb | SiteTrx, actor: Actor, id: string): Promise<repository.ViewRowWithContent> {
    const view = await repository.viewById(db, scopeFor(actor), id)
    if (!view) throw new ExpectedError('not_found', { what: 'view', id })
    return view
  }

  /** That of the caller; for those of the whole site the one they name, the only one, or none. */
  async #tenantOf(actor: Actor, reference: string | undefined): Promise<string | null> {
    const { tenants } = this.#dependencies
    const scope = scopeOf(actor)
    if (reference !== undefined || !scope.all) return (await tenants.resolve(scope, reference)).id
    const [only, ...others] = await tenants.list(scope)
    return only !== undefined && others.length === 0 ? only.id : null
  }

  async #checkDrawer(trx: SiteTrx, view: repository.Drawer & { id: string; name: string }): Promise<void> {
    const others = (await repository.drawerOf(trx, view)).filter(({ id }) => id !== view.id)
    if (others.some(({ name }) => name === view.name))
      throw new ExpectedError('view_name_taken', { name: view.name })
    if (others.length >= MOST_VIEWS) throw new ExpectedError('too_many_views', { limit: MOST_VIEWS })
  }
}

function userIdOf(actor: Actor): string | null {
  return actor.kind === 'user' ? actor.id : null
}

function nameOf(actor: Actor): string | null {
  return actor.kind === 'anonymous' ? null : actor.name
}

function scopeFor(actor: Actor): repository.ViewScope {
  return { tenants: scopeOf(actor), userId: userIdOf(actor) }
}

function requireWriting(actor: Actor): void {
  if (!permissionsOf(actor).includes('dashboards:write'))
    throw new ExpectedError('forbidden', { permission: 'dashboards:write' })
  // What is shared is of the whole tenant.
  if (!isWhole(scopeOf(actor))) throw new ExpectedError('forbidden_reach', { reach: 'tenant' })
}

function changedBy({ name, updatedBy }: repository.ViewRow): ExpectedError {
  return new ExpectedError('view_changed', { name, by: updatedBy ?? '?' })
}

/** @throws ExpectedError `input_invalid` where the content is of another kind than the view */
function contentText(kind: ViewKind, content: unknown): string {
  const parsed = (kind === 'trend' ? TrendSchema : DashboardSchema).safeParse(content)
  if (parsed.success) return JSON.stringify(parsed.data)
  throw new ExpectedError('input_invalid', {
    issues: parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; '),
  })
}

function summaryOf(row: repository.ViewRow, actor: Actor): ViewSummary {
  const { id, kind, name, ownerName, tenantId, tenantSlug, tenantName, version, updatedBy } = row
  const shared = row.shared === 1
  return {
    id,
    kind,
    name,
    shared,
    mine: row.ownerUserId === userIdOf(actor),
    writable: !shared || (isWhole(scopeOf(actor)) && permissionsOf(actor).includes('dashboards:write')),
    ownerName,
    tenant: tenantId === null ? null : { id: tenantId, slug: tenantSlug ?? '', name: tenantName ?? '' },
    version,
    createdAt: new Date(row.createdAt),
    updatedAt: new Date(row.updatedAt),
    updatedBy,
  }
}

/** The content was checked when it was saved; reading it through its schema fills in what later versions added. */
function viewOf(row: repository.ViewRowWithContent, actor: Actor): View {
  const summary = summaryOf(row, actor)
  const content: unknown = JSON.parse(row.content)
  return row.kind === 'trend'
    ? { ...summary, kind: 'trend', content: TrendSchema.parse(content) }
    : { ...summary, kind: 'dashboard', content: DashboardSchema.parse(content) }
}
