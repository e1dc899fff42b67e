/** What may be counted in a pattern: `{n}`, `{n,}`, `{n,m}`. */
const COUNT = /^\{(\d+)(?:,(\d*))?\}/
/** A class in brackets; `]` may be its first. */
const CLASS = /^\[\^?\]?(?:\\.|[^\]\\])*\]/s
const QUOTED = /^\\Q(.*?)(?:\\E|$)/s

/**
 * About how many instructions RE2 makes of a pattern, without making them: what is counted is repeated so many times,
 * so that a few characters may become a million instructions and take a second to compile. May be too high.
 */
export function regexpSize(pattern: string): number {
  const outer: number[] = []
  let sum = 0
  let last = 0
  const add = (size: number) => {
    sum += size
    last = size
  }
  for (let at = 0; at < pattern.length; ) {
    const rest = pattern.slice(at)
    const [count, least = '', most = ''] = COUNT.exec(rest) ?? []
    const [quoted, literal = ''] = QUOTED.exec(rest) ?? []
    const [charClass] = CLASS.exec(rest) ?? []
    if (count !== undefined) {
      const size = last * Math.max(1, Number(least) + 1, Number(most))
      sum -= last
      add(size)
    } else if (quoted !== undefined) {
      sum += literal.length
      last = 1
    } else if (rest.startsWith('(')) {
      outer.push(sum)
      sum = 2
      last = 0
    } else if (rest.startsWith(')')) {
      const group = sum
      sum = outer.pop() ?? 0
      add(group)
    } else if (/^[*+?|]/.test(rest)) {
      sum += 1
      last += 1
    } else add(1)
    at += (count ?? quoted ?? charClass ?? (rest.startsWith('\\') ? rest.slice(0, 2) : ' ')).length
  }
  return outer.reduce((all, size) => all + size, sum)
}
