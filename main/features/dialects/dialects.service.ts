import type { DialectInfo } from '#contract/api/dialects.ts'
import { ExpectedError } from '#contract/errors.ts'
import { type DialectDefinition, DialectDefinitionSchema, MOST_DIALECTS } from '#contract/model/dialect.ts'
import { dialectProblemText } from '#contract/model/dialect-problem-text.ts'
import { type DialectProblem, dialectProblems } from '#contract/model/dialect-problems.ts'
import type { TenantScope } from '#features/access/index.ts'
import type { AuditDraft, AuditService } from '#features/audit/index.ts'
import type { Clock } from '#platform/clock/clock.ts'
import type { SiteDb } from '#platform/db/site-db.ts'
import { oneAtATime } from '#platform/events/one-at-a-time.ts'
import type { Log } from '#platform/log/log.ts'
import type { DialectPolicyChange, DialectTools, PlayedGateway, Trial } from './dialect-tools.ts'
import {
  allDialects,
  type DialectRow,
  deleteDialect,
  insertDialect,
  updateDialect,
  usesOf,
} from './dialects.repository.ts'

export interface DialectsDependencies {
  db: SiteDb
  clock: Clock
  log: Log
  audit: AuditService
  tools: DialectTools
  /** The broker: sessions of gateways whose topics change end. */
  policy: { applyPolicy(changes: DialectPolicyChange[]): Promise<void> }
}

interface Own {
  row: DialectRow
  definition: DialectDefinition
}

/** Issues of a dialect that an error names. */
const MOST_ISSUES = 5

/** Dialects of the site: those that it brings, and own ones, which the broker is told of before any gateway speaks them. */
export class DialectsService {
  readonly #dependencies: DialectsDependencies
  readonly #own = new Map<string, Own>()
  readonly #inTurn = oneAtATime()

  constructor(dependencies: DialectsDependencies) {
    this.#dependencies = dependencies
  }

  async start(): Promise<void> {
    const { db, log } = this.#dependencies
    for (const row of await allDialects(db)) {
      const definition = readDefinition(row)
      // What this version cannot read must not keep a plant from running: its gateways speak canonically until then.
      if (definition) this.#keep({ row, definition })
      else log.error({ dialect: row.name }, 'a dialect cannot be read')
    }
  }

  /** For the broker at its start. */
  get own(): DialectDefinition[] {
    return Array.from(this.#own.values(), ({ definition }) => definition)
  }

  knows(name: string): boolean {
    return this.#own.has(name) || this.#isBuiltIn(name)
  }

  /** @throws ExpectedError `dialect_unknown` */
  requireDialect(name: string): void {
    if (this.knows(name)) return
    const known = [...this.#dependencies.tools.builtIn, ...this.own].map((dialect) => dialect.name)
    throw new ExpectedError('dialect_unknown', { dialect: name, known: known.join(', ') })
  }

  async list(scope: TenantScope): Promise<DialectInfo[]> {
    const { db, tools } = this.#dependencies
    const uses = await usesOf(db, scope)
    const builtIn = tools.builtIn.map((definition) => ({
      definition,
      builtIn: true,
      version: null,
      ...uses(definition.name),
      updatedAt: null,
      updatedBy: null,
    }))
    const own = [...this.#own.values()].map((one) => ({ ...viewOf(one), ...uses(one.row.name) }))
    return [...builtIn, ...own.sort((a, b) => a.definition.name.localeCompare(b.definition.name))]
  }

  /** @throws ExpectedError `not_found` */
  async show(scope: TenantScope, name: string): Promise<DialectInfo> {
    const found = (await this.list(scope)).find(({ definition }) => definition.name === name)
    if (!found) throw new ExpectedError('not_found', { what: 'dialect', id: name })
    return found
  }

  /**
   * Makes a dialect, or changes one as it was read. When it resolves, the broker has it.
   *
   * @param version null: a new one
   * @throws ExpectedError `dialect_invalid`, `dialect_built_in`, `dialect_name_taken`, `dialect_changed`, `too_many_dialects`,
   *   `not_found`
   */
  async save(
    scope: TenantScope,
    definition: DialectDefinition,
    version: number | null,
    audit: AuditDraft,
  ): Promise<DialectInfo> {
    await this.#inTurn(() => this.#save(definition, version, audit))
    return this.show(scope, definition.name)
  }

  async #save(definition: DialectDefinition, version: number | null, audit: AuditDraft): Promise<void> {
    const { db, clock, audit: log, policy, tools } = this.#dependencies
    const { name } = definition
    const before = this.#own.get(name) ?? null
    audit.about('dialect', name, null, { before: before?.definition ?? null, after: definition })
    if (this.#isBuiltIn(name)) throw new ExpectedError('dialect_built_in', { name })
    this.#requireVersion(name, before, version)
    const problems = this.problemsOf(definition)
    if (problems.length > 0) throw invalid(name, problems)
    const now = clock.now()
    const row: DialectRow = {
      name,
      definition: JSON.stringify(definition),
      version: (before?.row.version ?? 0) + 1,
      createdAt: before?.row.createdAt ?? now,
      updatedAt: now,
      updatedBy: audit.subject.actor.name,
    }
    await db.transaction().execute(async (trx) => {
      await tools.requireNoConflicts(trx, definition)
      if (before) await updateDialect(trx, name, row)
      else await insertDialect(trx, row)
      await log.recordIn(trx, audit)
    })
    this.#keep({ row, definition })
    await policy.applyPolicy([{ op: 'put_dialect', dialect: definition }])
  }

  /** @throws ExpectedError `not_found`, `dialect_built_in`, `dialect_in_use` */
  async remove(name: string, audit: AuditDraft): Promise<void> {
    return this.#inTurn(() => this.#remove(name, audit))
  }

  async #remove(name: string, audit: AuditDraft): Promise<void> {
    const { db, audit: log, policy, tools } = this.#dependencies
    const known = this.#own.get(name)
    audit.about('dialect', name, null, { before: known?.definition ?? null })
    if (this.#isBuiltIn(name)) throw new ExpectedError('dialect_built_in', { name })
    if (!known) throw new ExpectedError('not_found', { what: 'dialect', id: name })
    // Nobody chooses it from here on.
    this.#own.delete(name)
    try {
      await db.transaction().execute(async (trx) => {
        const uses = (await usesOf(trx, { all: true }))(name)
        if (uses.gateways + uses.profiles > 0) throw new ExpectedError('dialect_in_use', { name, ...uses })
        await deleteDialect(trx, name)
        await log.recordIn(trx, audit)
      })
    } catch (error) {
      this.#own.set(name, known)
      throw error
    }
    tools.remove(name)
    await policy.applyPolicy([{ op: 'remove_dialect', name }])
  }

  problemsOf(definition: DialectDefinition): DialectProblem[] {
    const { builtIn } = this.#dependencies.tools
    // One that the site brings is shown and tried like any other.
    return this.#isBuiltIn(definition.name) ? [] : dialectProblems(definition, [...builtIn, ...this.own])
  }

  tryOut(
    definition: DialectDefinition,
    as: PlayedGateway,
    messages: readonly { topic: string; payload: Uint8Array }[],
  ): Trial {
    return this.#dependencies.tools.tryOut(definition, as, messages)
  }

  #requireVersion(name: string, before: Own | null, version: number | null): void {
    if (version === null) {
      if (before) throw new ExpectedError('dialect_name_taken', { name })
      if (this.#own.size >= MOST_DIALECTS)
        throw new ExpectedError('too_many_dialects', { limit: MOST_DIALECTS })
      return
    }
    if (!before) throw new ExpectedError('not_found', { what: 'dialect', id: name })
    if (before.row.version !== version) throw new ExpectedError('dialect_changed', { name })
  }

  #keep(own: Own): void {
    this.#own.set(own.row.name, own)
    this.#dependencies.tools.put(own.definition)
  }

  #isBuiltIn(name: string): boolean {
    return this.#dependencies.tools.builtIn.some((dialect) => dialect.name === name)
  }
}

function readDefinition({ definition }: DialectRow): DialectDefinition | null {
  try {
    return DialectDefinitionSchema.parse(JSON.parse(definition))
  } catch {
    return null
  }
}

function viewOf({ row, definition }: Own) {
  const { version, updatedAt, updatedBy } = row
  return { definition, builtIn: false, version, updatedAt: new Date(updatedAt), updatedBy }
}

function invalid(name: string, problems: readonly DialectProblem[]): ExpectedError {
  const issues = problems.slice(0, MOST_ISSUES).map(dialectProblemText)
  return new ExpectedError('dialect_invalid', { name, issues: issues.join('; ') })
}
