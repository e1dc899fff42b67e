import type { Calculation } from '#contract/api/calculations.ts'
import { ExpectedError } from '#contract/errors.ts'
import { type TenantScope, wholeTenant } from '#features/access/index.ts'
import type { AuditDraft, AuditService } from '#features/audit/index.ts'
import type { TenantsService } from '#features/tenants/index.ts'
import type { Clock } from '#platform/clock/clock.ts'
import type { SiteDb, SiteTrx } from '#platform/db/site-db.ts'
import { oneAtATime } from '#platform/events/one-at-a-time.ts'
import { uuid7 } from '#platform/ids/uuid7.ts'
import type { Log } from '#platform/log/log.ts'
import { CalculationBook, type KnownCalculation, known } from './calculation-book.ts'
import {
  allCalculations,
  type CalculationRow,
  deleteCalculation,
  insertCalculation,
  updateCalculation,
} from './calculations.repository.ts'
import { expressionError } from './expression/expression-error.ts'
import type { Definition, Program } from './expression/program.ts'
import {
  type NamedChannel,
  type Names,
  namesOfChannels,
  toShown,
  toStored,
} from './expression/reference-names.ts'

/** Of one tenant: they are all kept in memory. */
const MOST_CALCULATIONS = 500
/** Channels that one needs, those of the calculations in it too. */
const MOST_CHANNELS = 32

export interface CalculationsDependencies {
  db: SiteDb
  clock: Clock
  log: Log
  audit: AuditService
  seesChannel(scope: TenantScope, channelId: string): boolean
  tenants: TenantsService
  /** Channels of a tenant, with the names of now. */
  channelsOf(tenantId: string): Iterable<NamedChannel>
}

export interface CalculationInput {
  name: string
  unit: string | null
  expression: string
  basis: 'average' | 'last'
}
type Changes = { [Key in keyof CalculationInput]?: CalculationInput[Key] | undefined }

/** Calculated channels: kept by ids, so that renaming breaks nothing; checked when they are saved. */
export class CalculationsService {
  readonly #dependencies: CalculationsDependencies
  readonly book: CalculationBook
  /** What is checked against the others is saved before one of them changes. */
  readonly #inTurn = oneAtATime()

  constructor(dependencies: CalculationsDependencies) {
    this.#dependencies = dependencies
    this.book = new CalculationBook(dependencies.seesChannel)
  }

  async start(): Promise<void> {
    const { db, log } = this.#dependencies
    for (const row of await allCalculations(db)) {
      try {
        this.book.put(known(row))
      } catch (err) {
        // A formula that this version cannot read must not keep a plant from running.
        log.error({ err, calculation: row.id, name: row.name }, 'a calculated channel cannot be read')
      }
    }
  }

  /** A tenant is gone for good. */
  forgetTenant(tenantId: string): void {
    for (const { row } of this.book.ofTenant(tenantId)) this.book.remove(row.id)
  }

  /** @throws ExpectedError `tenant_unknown` */
  async list(scope: TenantScope, tenant: string | undefined): Promise<Calculation[]> {
    const of =
      tenant === undefined ? scope : narrowed(scope, await this.#dependencies.tenants.resolve(scope, tenant))
    const names = new Map<string, Names>()
    return this.book.all(of).map((calculation) => {
      const { tenantId } = calculation.row
      const ofTenant = names.get(tenantId) ?? this.#names(tenantId)
      names.set(tenantId, ofTenant)
      return this.#view(calculation, ofTenant)
    })
  }

  /**
   * @throws ExpectedError `tenant_unknown`, `expression_invalid`, `calculation_circular`, `calculation_name_taken`,
   *   `too_many_calculations`
   */
  async create(
    scope: TenantScope,
    { tenant, ...input }: CalculationInput & { tenant?: string | undefined },
    createdBy: string,
    audit: AuditDraft,
  ): Promise<Calculation> {
    const tenantId = (await this.#dependencies.tenants.resolve(scope, tenant)).id
    return this.#inTurn(() => this.#create(tenantId, input, createdBy, audit))
  }

  async #create(
    tenantId: string,
    input: CalculationInput,
    createdBy: string,
    audit: AuditDraft,
  ): Promise<Calculation> {
    if (this.book.ofTenant(tenantId).length >= MOST_CALCULATIONS)
      throw new ExpectedError('too_many_calculations', { limit: MOST_CALCULATIONS })
    const now = this.#dependencies.clock.now()
    const id = uuid7(now)
    const expression = this.#checked(tenantId, input, id)
    const row = { ...input, id, tenantId, expression, createdAt: now, createdBy }
    await this.#save(
      row,
      (trx) => insertCalculation(trx, row),
      audit.about('calculation', id, tenantId, auditedOf(row)),
    )
    return this.#view(known(row))
  }

  /** @throws ExpectedError `not_found`, `expression_invalid`, `calculation_circular`, `calculation_name_taken` */
  async update(scope: TenantScope, id: string, changes: Changes, audit: AuditDraft): Promise<Calculation> {
    return this.#inTurn(() => this.#update(scope, id, changes, audit))
  }

  async #update(scope: TenantScope, id: string, changes: Changes, audit: AuditDraft): Promise<Calculation> {
    const { row } = this.#find(scope, id)
    const next: CalculationRow = {
      ...row,
      name: changes.name ?? row.name,
      unit: changes.unit === undefined ? row.unit : changes.unit || null,
      basis: changes.basis ?? row.basis,
    }
    if (changes.expression !== undefined)
      next.expression = this.#checked(row.tenantId, { ...next, expression: changes.expression }, id)
    const { name, unit, basis, expression } = next
    const details = { before: auditedOf(row), after: auditedOf(next) }
    await this.#save(
      next,
      (trx) => updateCalculation(trx, id, { name, unit, basis, expression }),
      audit.about('calculation', id, row.tenantId, details),
    )
    return this.#view(known(next))
  }

  /** @throws ExpectedError `not_found`, `calculation_in_use` */
  async delete(scope: TenantScope, id: string, audit: AuditDraft): Promise<void> {
    return this.#inTurn(() => this.#delete(scope, id, audit))
  }

  async #delete(scope: TenantScope, id: string, audit: AuditDraft): Promise<void> {
    const { db, audit: log } = this.#dependencies
    const { row } = this.#find(scope, id)
    audit.about('calculation', id, row.tenantId, auditedOf(row))
    const users = this.book.usersOf(id).map((user) => user.row.name)
    if (users.length > 0)
      throw new ExpectedError('calculation_in_use', { name: row.name, users: users.slice(0, 20).join(', ') })
    await db.transaction().execute(async (trx) => {
      await deleteCalculation(trx, id)
      await log.recordIn(trx, audit)
    })
    this.book.remove(id)
  }

  /**
   * What an expression would be, unsaved. `of`: the calculation being changed, whose own name it must not use.
   * @throws ExpectedError `not_found`, `tenant_unknown`, `expression_invalid`, `calculation_circular`
   */
  async draft(
    scope: TenantScope,
    input: Pick<CalculationInput, 'expression' | 'basis'> & {
      tenant?: string | undefined
      of?: string | undefined
    },
  ): Promise<Program> {
    const of = input.of === undefined ? null : this.#find(scope, input.of).row
    const tenantId = of?.tenantId ?? (await this.#dependencies.tenants.resolve(scope, input.tenant)).id
    const { tree } = toStored(input.expression, this.#names(tenantId))
    const draft = { id: of?.id ?? 'draft', name: of?.name ?? '', basis: input.basis, tree }
    return this.#bounded(this.book.program(draft), input.expression)
  }

  #find(scope: TenantScope, id: string): KnownCalculation {
    const found = this.book.byId(scope, id)
    if (!found) throw new ExpectedError('not_found', { what: 'calculation', id })
    return found
  }

  /** The expression as it is stored. What uses it must bear the change too. */
  #checked(tenantId: string, input: CalculationInput, id: string): string {
    const self = { id, name: input.name }
    const { stored, tree } = toStored(input.expression, this.#names(tenantId, self))
    const definition = { ...self, basis: input.basis, tree }
    this.#bounded(this.book.program(definition), input.expression)
    for (const user of this.book.dependentsOf(id)) {
      if (this.book.program(user.definition, definition).channelIds.length > MOST_CHANNELS)
        throw tooManyInputs(input.expression, user.row.name)
    }
    return stored
  }

  #bounded(program: Program, expression: string): Program {
    if (program.channelIds.length > MOST_CHANNELS) throw tooManyInputs(expression)
    return program
  }

  async #save(
    row: CalculationRow,
    write: (trx: SiteTrx) => Promise<unknown>,
    audit: AuditDraft,
  ): Promise<void> {
    const { db, audit: log } = this.#dependencies
    const taken = this.book.byName(row.tenantId, row.name)
    if (taken && taken.row.id !== row.id)
      throw new ExpectedError('calculation_name_taken', { name: row.name })
    const calculation = known(row)
    try {
      await db.transaction().execute(async (trx) => {
        await write(trx)
        await log.recordIn(trx, audit)
      })
    } catch (error) {
      // Two may save the same name at once.
      if ((error as { code?: string }).code === 'SQLITE_CONSTRAINT_UNIQUE')
        throw new ExpectedError('calculation_name_taken', { name: row.name }, { cause: error })
      throw error
    }
    this.book.put(calculation)
  }

  /** @param self the one being saved: its own name is known to it, so that a circle is named as one */
  #names(tenantId: string, self?: { id: string; name: string }): Names {
    const calculationOf = (found: KnownCalculation | undefined) =>
      found && { id: found.row.id, name: found.row.name }
    return {
      ...namesOfChannels(this.#dependencies.channelsOf(tenantId)),
      calculation: (text) =>
        self?.name.toLowerCase() === text.toLowerCase()
          ? self
          : calculationOf(this.book.byName(tenantId, text)),
      calculationById: (id) => calculationOf(this.book.byId(wholeTenant(tenantId), id)),
    }
  }

  #view(calculation: KnownCalculation, names = this.#names(calculation.row.tenantId)): Calculation {
    const { row, definition } = calculation
    const { id, tenantId, name, unit, basis, createdAt, createdBy } = row
    return {
      id,
      tenantId,
      name,
      unit,
      expression: toShown(row.expression, definition.tree, names),
      basis,
      channelIds: this.#channelIds(definition),
      createdAt: new Date(createdAt),
      createdBy,
    }
  }

  /** None of one that cannot be evaluated: a list shows it, so that it can be mended. */
  #channelIds(definition: Definition): string[] {
    try {
      return this.book.program(definition).channelIds
    } catch (error) {
      if (error instanceof ExpectedError) return []
      throw error
    }
  }
}

/** @param user the one that would need too many, where it is not the expression's own */
function tooManyInputs(expression: string, user?: string) {
  const place = { start: 0, end: expression.length }
  return user === undefined
    ? expressionError('too_many_inputs', place, { wanted: MOST_CHANNELS })
    : expressionError('user_too_many_inputs', place, { what: user, wanted: MOST_CHANNELS })
}

function auditedOf({ name, unit, basis, expression }: CalculationRow) {
  return { name, unit, basis, expression }
}

/** The scope, ended at a tenant that is in it. */
function narrowed(scope: TenantScope, tenant: { id: string }): TenantScope {
  return scope.all ? wholeTenant(tenant.id) : scope
}
