import { isDeepStrictEqual } from 'node:util'
import type { DialectDefinition } from '#contract/model/dialect.ts'
import { dialectProblems } from '#contract/model/dialect-problems.ts'
import { canonical } from './canonical.ts'
import { compileDialect, type Dialect } from './dialect.ts'
import { direction } from './direction.ts'
import { slots } from './slots.ts'
import { tds } from './tds.ts'
import { user } from './user.ts'

/** Those that the site brings. */
export const builtInDialects: readonly DialectDefinition[] = [canonical, slots, tds, direction, user]

const compiled = builtInDialects.map((definition) => compileDialect(definition))
const fallback = compileDialect(canonical)

/** The dialects of a site: its own beside those that it brings. */
export class DialectBook {
  private readonly dialects = new Map<string, Dialect>(compiled.map((dialect) => [dialect.name, dialect]))
  private revision = 0
  private ofDialects: ReadonlySet<string> = rootsOf(this.dialects.values())

  /**
   * In place of one of that name; none of those that the site brings is replaced. Topics that must not be are left out: whoever
   * saved them, they open nothing here.
   */
  put(definition: DialectDefinition): void {
    if (isBuiltIn(definition.name)) return
    const others = this.all.map((dialect) => dialect.definition)
    const wrong = new Set(dialectProblems(definition, others).map(({ topic }) => topic))
    const topics = definition.topics.filter((_, index) => !wrong.has(index))
    const known = this.dialects.get(definition.name)
    const compiled = compileDialect(
      { ...definition, topics },
      this.revisionOf(known, { ...definition, topics }),
    )
    this.dialects.set(definition.name, compiled)
    this.ofDialects = rootsOf(this.dialects.values())
  }

  /** Another title or rate changes no topic: no session ends for it, and nothing is looked for under old names. */
  private revisionOf(known: Dialect | undefined, { topics, clientIds }: DialectDefinition): number {
    const { definition } = known ?? {}
    if (known && isDeepStrictEqual([definition?.topics, definition?.clientIds], [topics, clientIds]))
      return known.revision
    this.revision += 1
    return this.revision
  }

  /** The same with this one in it; this book stays as it is. */
  trying(definition: DialectDefinition): DialectBook {
    const copy = new DialectBook()
    for (const [name, dialect] of this.dialects) copy.dialects.set(name, dialect)
    copy.revision = this.revision
    copy.ofDialects = this.ofDialects
    copy.put(definition)
    return copy
  }

  remove(name: string): void {
    if (isBuiltIn(name)) return
    this.dialects.delete(name)
    this.ofDialects = rootsOf(this.dialects.values())
  }

  has(name: string): boolean {
    return this.dialects.has(name)
  }

  /** A dialect of that name; `canonical` where there is none. */
  get(name: string): Dialect {
    return this.dialects.get(name) ?? fallback
  }

  get all(): Dialect[] {
    return [...this.dialects.values()]
  }

  /** First levels, in small letters, that belong to dialects and to MQTT clients: no gateway is called so at the first level. */
  get roots(): ReadonlySet<string> {
    return this.ofDialects
  }
}

export function isBuiltIn(name: string): boolean {
  return builtInDialects.some((dialect) => dialect.name === name)
}

/** Where MQTT clients have spaces of their own. */
const clientRoots = ['clients', 'users']

function rootsOf(dialects: Iterable<Dialect>): ReadonlySet<string> {
  const roots = new Set(clientRoots)
  for (const { topics } of dialects)
    for (const { levels } of topics) if (levels[0]?.kind === 'text') roots.add(levels[0].text.toLowerCase())
  return roots
}
