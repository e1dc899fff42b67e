/** One thing that Ctrl-K can find. */
export interface Findable {
  id: string
  /** What is searched, best field first: an early field's match ranks higher. */
  words: readonly string[]
}

/** Folds case and accents: `caldeira` finds `Caldeira`, `umidade` finds `Umidáde`. */
export function fold(text: string): string {
  return text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase()
}

/**
 * The best matches of a query, at most `limit`. Every word of the query has to be found; a match at the start of a
 * field beats one at the start of a word, which beats one inside a word. Ties keep their order.
 */
export function find<T extends Findable>(items: readonly T[], query: string, limit: number): T[] {
  const parts = fold(query)
    .split(/\s+/)
    .filter((part) => part !== '')
  if (parts.length === 0) return items.slice(0, limit)
  const found: { item: T; score: number }[] = []
  for (const item of items) {
    const score = rank(item.words, parts)
    if (score !== null) found.push({ item, score })
  }
  return found
    .sort((a, b) => a.score - b.score)
    .slice(0, limit)
    .map(({ item }) => item)
}

function rank(words: readonly string[], parts: readonly string[]): number | null {
  let total = 0
  for (const part of parts) {
    let best: number | null = null
    for (const [place, word] of words.entries()) {
      const at = position(fold(word), part)
      if (at !== null && (best === null || place + at < best)) best = place + at
    }
    if (best === null) return null
    total += best
  }
  return total
}

/** 0: the start of the field. 10: the start of a word. 20: inside a word. */
function position(text: string, part: string): number | null {
  const at = text.indexOf(part)
  if (at === -1) return null
  if (at === 0) return 0
  return /[\s/._:-]/.test(text[at - 1] ?? '') ? 10 : 20
}
