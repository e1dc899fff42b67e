import { isWhole, seesTenant, type TenantScope, wholeTenant } from '#features/access/index.ts'
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

type SeesChannel = (scope: TenantScope, channelId: string) => boolean

/** Every calculation of the site. */
export class CalculationBook {
  readonly #byId = new Map<string, KnownCalculation>()
  readonly #seesChannel: SeesChannel

  /** @param seesChannel whether a channel is in a scope that ends within its tenant */
  constructor(seesChannel: SeesChannel) {
    this.#seesChannel = seesChannel
  }

  put(calculation: KnownCalculation): void {
    this.#byId.set(calculation.row.id, calculation)
  }

  remove(id: string): void {
    this.#byId.delete(id)
  }

  byId(scope: TenantScope, id: string): KnownCalculation | undefined {
    const found = this.#byId.get(id)
    return found && this.#isIn(scope, found) ? found : undefined
  }

  byName(tenantId: string, name: string): KnownCalculation | undefined {
    const wanted = name.toLowerCase()
    return this.ofTenant(tenantId).find(({ row }) => row.name.toLowerCase() === wanted)
  }

  all(scope: TenantScope): KnownCalculation[] {
    return [...this.#byId.values()].filter((calculation) => this.#isIn(scope, calculation))
  }

  ofTenant(tenantId: string): KnownCalculation[] {
    return this.all(wholeTenant(tenantId))
  }

  /** Within a tenant a calculation is seen by whoever sees all that goes into it. */
  #isIn(scope: TenantScope, { row, definition }: KnownCalculation): boolean {
    if (!seesTenant(scope, row.tenantId)) return false
    if (isWhole(scope)) return true
    return this.#channelsOf(definition).every((channelId) => this.#seesChannel(scope, channelId))
  }

  /** The channels that go into it, also by way of others. */
  #channelsOf(definition: Definition): string[] {
    const open = [definition]
    const seen = new Set(open)
    const channels: string[] = []
    for (let one = open.pop(); one !== undefined; one = open.pop()) {
      for (const { kind, text } of referencesOf(one.tree)) {
        if (kind === 'channel') channels.push(text)
        const other = kind === 'calculation' ? this.#byId.get(text)?.definition : undefined
        if (other && !seen.has(other)) open.push(other)
        if (other) seen.add(other)
      }
    }
    return channels
  }

  /** Those whose expression names it. */
  usersOf(id: string): KnownCalculation[] {
    return [...this.#byId.values()].filter(({ definition }) =>
      referencesOf(definition.tree).some(({ kind, text }) => kind === 'calculation' && text === id),
    )
  }

  /** Those that need it, directly or by way of others; itself only where it is part of a circle. */
  dependentsOf(id: string): KnownCalculation[] {
    const users = new Map<string, KnownCalculation[]>()
    for (const calculation of this.#byId.values()) {
      for (const { kind, text } of referencesOf(calculation.definition.tree)) {
        if (kind !== 'calculation') continue
        const known = users.get(text)
        if (known) known.push(calculation)
        else users.set(text, [calculation])
      }
    }
    const found = new Set<KnownCalculation>(users.get(id))
    // A set is gone through to its end, also what is added on the way.
    for (const { row } of found) for (const user of users.get(row.id) ?? []) found.add(user)
    return [...found]
  }

  /**
   * @param changed one as it would be, instead of as it is
   * @throws ExpectedError `calculation_circular`
   */
  program(definition: Definition, changed?: Definition): Program {
    return compile(definition, (id) => (id === changed?.id ? changed : this.#byId.get(id)?.definition))
  }
}
