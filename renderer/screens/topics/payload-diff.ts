import type { TopicMessage } from '#contract/api/topics.ts'
import { prettyJson } from './payload-forms.ts'

/** One difference between two payloads. */
export interface Difference {
  kind: 'added' | 'removed' | 'changed'
  /** Where: a path in JSON, such as `values.temperature`; a line's number in text; empty for the whole. */
  place: string
  before: string | null
  after: string | null
}

/** More are counted, not shown. */
const SHOWN = 200
/** Text of more lines is compared line by line only where they stand. */
const LINES = 400
/** Levels of JSON that are compared one by one. */
const DEPTH = 60

/** What changed from one message to the next; null where the two cannot be compared: one is no text. */
export function differences(
  before: Pick<TopicMessage, 'encoding' | 'payload'>,
  after: Pick<TopicMessage, 'encoding' | 'payload'>,
): { list: Difference[]; more: number } | null {
  if (before.encoding !== 'utf8' || after.encoding !== 'utf8') {
    if (before.encoding === after.encoding && before.payload === after.payload) return { list: [], more: 0 }
    return null
  }
  const isJson = prettyJson(before) !== null && prettyJson(after) !== null
  const all = isJson
    ? ofMaps(leaves(JSON.parse(before.payload)), leaves(JSON.parse(after.payload)))
    : ofLines(before.payload.split('\n'), after.payload.split('\n'))
  return { list: all.slice(0, SHOWN), more: Math.max(0, all.length - SHOWN) }
}

function ofMaps(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): Difference[] {
  const found: Difference[] = []
  for (const [place, value] of before) {
    const now = after.get(place)
    if (now === undefined) found.push({ kind: 'removed', place, before: value, after: null })
    else if (now !== value) found.push({ kind: 'changed', place, before: value, after: now })
  }
  for (const [place, value] of after)
    if (!before.has(place)) found.push({ kind: 'added', place, before: null, after: value })
  return found
}

/** Every value of a JSON text by its path; what lies deeper than that, as a whole. */
function leaves(
  value: unknown,
  path = '',
  depth = 0,
  into: Map<string, string> = new Map<string, string>(),
): Map<string, string> {
  const isLeaf =
    typeof value !== 'object' || value === null || Object.keys(value).length === 0 || depth === DEPTH
  if (isLeaf) return into.set(path, written(value))
  const isList = Array.isArray(value)
  for (const [key, item] of Object.entries(value)) {
    const place = isList ? `${path}[${key}]` : path === '' ? key : `${path}.${key}`
    leaves(item, place, depth + 1, into)
  }
  return into
}

function written(value: unknown): string {
  try {
    return JSON.stringify(value)
  } catch {
    // Nested deeper than the stack is.
    return '…'
  }
}

/** Lines that one has and the other has not, by their longest common subsequence. */
function ofLines(before: string[], after: string[]): Difference[] {
  if (before.length === 1 && after.length === 1 && before[0] !== after[0])
    return [{ kind: 'changed', place: '', before: before[0] ?? '', after: after[0] ?? '' }]
  if (before.length > LINES || after.length > LINES) return ofMaps(numbered(before), numbered(after))
  const common = commonLines(before, after)
  const found: Difference[] = []
  let [i, j] = [0, 0]
  while (i < before.length || j < after.length) {
    const isSame = i < before.length && j < after.length && before[i] === after[j]
    if (isSame) {
      i += 1
      j += 1
    } else if (j >= after.length || (i < before.length && at(common, i + 1, j) >= at(common, i, j + 1))) {
      found.push({ kind: 'removed', place: String(i + 1), before: before[i] ?? '', after: null })
      i += 1
    } else {
      found.push({ kind: 'added', place: String(j + 1), before: null, after: after[j] ?? '' })
      j += 1
    }
  }
  return found
}

/** At [i][j]: how many lines what begins there has in common. */
function commonLines(before: string[], after: string[]): number[][] {
  const table = Array.from({ length: before.length + 1 }, () => Array<number>(after.length + 1).fill(0))
  for (let i = before.length - 1; i >= 0; i--)
    for (let j = after.length - 1; j >= 0; j--) {
      const row = table[i] ?? []
      row[j] =
        before[i] === after[j]
          ? at(table, i + 1, j + 1) + 1
          : Math.max(at(table, i + 1, j), at(table, i, j + 1))
    }
  return table
}

function at(table: number[][], i: number, j: number): number {
  return table[i]?.[j] ?? 0
}

function numbered(lines: string[]): Map<string, string> {
  return new Map(lines.map((line, index) => [String(index + 1), line]))
}
