import type { TenantScope } from '#features/access/index.ts'
import type { CalculationRow } from './calculations.repository.ts'
import { parseExpression } from './expression/parse-expression.ts'
import { compile, type Definition, type Program } from './expression/program.ts'
import { referencesOf } from './expression/syntax-tree.ts'

/** A calculation as it lives in memory: its row, and its expression read. */
export interface KnownCalculation {
  row: CalculationRow
  definition: Definition
}

export function known(row: CalculationRow): KnownCalculation {
  const { id, name, basis, expression } = row
  return { row, definition: { id, name, basis, tree: parseExpression(expression) } }
}

/** Every calculation of the site. */
export class CalculationBook {
  readonly #byId = new Map<string, KnownCalculation>()

  put(calculation: KnownCalculation): void {
    this.#byId.set(calculation.row.id, calculation)
  }

  remove(id: string): void {
    this.#byId.delete(id)
  }

  byId(scope: TenantScope, id: string): KnownCalculation | undefined {
    const found = this.#byId.get(id)
    return found && (scope.all || found.row.tenantId === scope.tenantId) ? found : undefined
  }

  byName(tenantId: string, name: string): KnownCalculation | undefined {
    const wanted = name.toLowerCase()
    return this.ofTenant(tenantId).find(({ row }) => row.name.toLowerCase() === wanted)
  }

  all(scope: TenantScope): KnownCalculation[] {
    return [...this.#byId.values()].filter(({ row }) => scope.all || row.tenantId === scope.tenantId)
  }

  ofTenant(tenantId: string): KnownCalculation[] {
    return this.all({ all: false, tenantId })
  }

  /** Those whose expression names it. */
  usersOf(id: string): KnownCalculation[] {
    return [...this.#byId.values()].filter(({ definition }) =>
      referencesOf(definition.tree).some(({ kind, text }) => kind === 'calculation' && text === id),
    )
  }

  /** @throws ExpectedError `calculation_circular` */
  program(definition: Definition): Program {
    return compile(definition, (id) => this.#byId.get(id)?.definition)
  }
}
