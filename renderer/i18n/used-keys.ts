/** What a source file asks the texts for. */
export interface UsedKeys {
  /** Namespaces named by `useTranslation`; the first is the default. Empty where `t` comes from elsewhere. */
  namespaces: string[]
  /** First arguments of `t(…)`: plain keys, or templates with `*` in place of what is filled in. */
  keys: string[]
}

/** Finds the keys in a source text. Reads the first argument of each `t(…)`, choices between keys included. */
export function usedKeys(source: string): UsedKeys {
  const namespaces: string[] = []
  for (const match of source.matchAll(/useTranslation\(([^)]*)\)/g)) {
    namespaces.push(...literals(match[1] ?? '').filter((name) => !name.includes('*')))
  }
  const keys: string[] = []
  for (const match of source.matchAll(/(?<![\w.$])(?:t|i18n\.t)\(/g)) {
    keys.push(...literals(firstArgument(source, match.index + match[0].length)))
  }
  for (const match of source.matchAll(/i18nKey=(?:"([^"]+)"|\{([^}]+)\})/g)) {
    keys.push(...(match[1] === undefined ? literals(match[2] ?? '') : [match[1]]))
  }
  return { namespaces, keys }
}

/** The text of a call's first argument, from behind its bracket. */
function firstArgument(source: string, start: number): string {
  let depth = 0
  let quote = ''
  for (let at = start; at < source.length; at++) {
    const char = source[at] ?? ''
    if (quote !== '') {
      if (char === '\\') at += 1
      else if (char === quote) quote = ''
    } else if (char === "'" || char === '"' || char === '`') quote = char
    else if ('([{'.includes(char)) depth += 1
    else if (')]}'.includes(char)) {
      if (depth === 0) return source.slice(start, at)
      depth -= 1
    } else if (char === ',' && depth === 0) return source.slice(start, at)
  }
  return source.slice(start)
}

/** String literals of an expression; but not those that something is compared with. */
function literals(expression: string): string[] {
  const found: string[] = []
  const compared = /(?:===|!==|\[)\s*$/
  for (const match of expression.matchAll(/'((?:\\.|[^'\\])*)'|"((?:\\.|[^"\\])*)"|`((?:\\.|[^`\\])*)`/g)) {
    if (match[3] === undefined && compared.test(expression.slice(0, match.index)) && !isList(expression))
      continue
    found.push(match[1] ?? match[2] ?? (match[3] ?? '').replace(/\$\{(?:[^{}]|\{[^}]*\})*\}/g, '*'))
  }
  return found
}

function isList(expression: string): boolean {
  return expression.trimStart().startsWith('[')
}
