import { RE2JS } from 're2js'
import { assertNever } from '#contract/errors.ts'
import { regexpSize } from './regexp-size.ts'
import { invalid, type LabelMatcher } from './remote-read-messages.ts'

/** Characters of a regular expression. */
const PATTERN_MAX = 1_000
/** Regular expressions of a request, and the instructions that RE2 makes of all of them together. */
const REGEXPS_MAX = 16
const INSTRUCTIONS_MAX = 2_000

/**
 * Counts the regular expressions of a request. Matching takes time by the length of a value, times the size of the
 * program: `(.?){1000}` takes a tenth of a second for one name.
 */
export class RegexpBudget {
  #regexps = 0
  #instructions = 0

  /** @throws ExpectedError `remote_read_invalid` */
  compile(pattern: string): RE2JS {
    if (pattern.length > PATTERN_MAX)
      throw invalid(`a regular expression has more than ${PATTERN_MAX} characters`)
    if (++this.#regexps > REGEXPS_MAX) throw invalid(`it has more than ${REGEXPS_MAX} regular expressions`)
    this.#check(regexpSize(pattern))
    const compiled = compile(pattern)
    const size = compiled.programSize()
    this.#check(size)
    this.#instructions += size
    return compiled
  }

  #check(size: number): void {
    if (this.#instructions + size > INSTRUCTIONS_MAX)
      throw invalid('its regular expressions repeat too much: count less in braces, or name fewer values')
  }
}

export type Matches = (labels: Record<string, string>) => boolean

/**
 * Whether a series has all that a query asks for; a label that it does not have is empty. Regular expressions are
 * RE2's, as in Prometheus, and match the whole value; whatever they are, their time is linear in the value's length.
 * @throws ExpectedError `remote_read_invalid`
 */
export function matcherOf(matchers: LabelMatcher[], budget: RegexpBudget): Matches {
  const tests = matchers.map(({ type, name, value }) => ({ name, test: testOf(type, value, budget) }))
  return (labels) => tests.every(({ name, test }) => test(labels[name] ?? ''))
}

function testOf(
  type: LabelMatcher['type'],
  wanted: string,
  budget: RegexpBudget,
): (value: string) => boolean {
  switch (type) {
    case 'EQ':
      return (value) => value === wanted
    case 'NEQ':
      return (value) => value !== wanted
    case 'RE':
      return remembered(budget.compile(wanted))
    case 'NRE': {
      const test = remembered(budget.compile(wanted))
      return (value) => !test(value)
    }
    default:
      return assertNever(type)
  }
}

function compile(pattern: string): RE2JS {
  try {
    return RE2JS.compile(pattern, RE2JS.DOTALL)
  } catch (error) {
    throw invalid(`the regular expression ${pattern.slice(0, 100)}: ${(error as Error).message}`)
  }
}

/** Many series share a gateway, a tenant, a unit. */
function remembered(compiled: RE2JS): (value: string) => boolean {
  const known = new Map<string, boolean>()
  return (value) => {
    const answer = known.get(value) ?? compiled.matches(value)
    known.set(value, answer)
    return answer
  }
}
