/** One fact of an entry: how it was and how it is, or only how it is. */
export interface Change {
  name: string
  kind: 'changed' | 'added' | 'removed' | 'same' | 'fact'
  before: string
  after: string
}

/**
 * The details of an entry as rows: what stands in `before` and `after` side by side, field by field, what changed first;
 * everything else as facts.
 */
export function changesOf(details: Record<string, unknown>): Change[] {
  const { before, after, ...facts } = details
  const hasChange = before !== undefined || after !== undefined
  const changes = hasChange ? compared(flat(before), flat(after)) : []
  const rest = Object.entries(facts).flatMap(([fact, value]) =>
    [...flat(value, fact)].map(([name, after]): Change => ({ name, kind: 'fact', before: '', after })),
  )
  return [
    ...changes.filter(({ kind }) => kind !== 'same'),
    ...changes.filter(({ kind }) => kind === 'same'),
    ...rest,
  ]
}

function compared(before: Map<string, string>, after: Map<string, string>): Change[] {
  return [...new Set([...before.keys(), ...after.keys()])].map((name) => {
    const [old, now] = [before.get(name), after.get(name)]
    const kind =
      old === undefined ? 'added' : now === undefined ? 'removed' : old === now ? 'same' : 'changed'
    return { name, kind, before: old ?? '', after: now ?? '' }
  })
}

/** Every value by its path: `ports.https`, `names.0`; a single value has the name of nothing. */
function flat(value: unknown, path = ''): Map<string, string> {
  if (value === undefined) return new Map()
  if (typeof value !== 'object' || value === null) return new Map([[path, textOf(value)]])
  const entries = Object.entries(value)
  if (entries.length === 0) return new Map([[path, Array.isArray(value) ? '[]' : '{}']])
  if (Array.isArray(value) && value.every((item) => typeof item !== 'object'))
    return new Map([[path, value.map(textOf).join(', ')]])
  return new Map(entries.flatMap(([name, item]) => [...flat(item, path === '' ? name : `${path}.${name}`)]))
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}
