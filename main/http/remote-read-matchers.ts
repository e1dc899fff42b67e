import { RE2JS } from 're2js'
import { assertNever } from '#contract/errors.ts'
import { invalid, type LabelMatcher } from './remote-read-messages.ts'

/** Characters of a regular expression. */
const PATTERN_MAX = 1_000

export type Matches = (labels: Record<string, string>) => boolean

/**
 * Whether a series has all that a query asks for; a label that it does not have is empty. Regular expressions are
 * RE2's, as in Prometheus, and match the whole value; whatever they are, their time is linear in the value's length.
 * @throws ExpectedError `remote_read_invalid`
 */
export function matcherOf(matchers: LabelMatcher[]): Matches {
  const tests = matchers.map(({ type, name, value }) => ({ name, test: testOf(type, value) }))
  return (labels) => tests.every(({ name, test }) => test(labels[name] ?? ''))
}

function testOf(type: LabelMatcher['type'], wanted: string): (value: string) => boolean {
  switch (type) {
    case 'EQ':
      return (value) => value === wanted
    case 'NEQ':
      return (value) => value !== wanted
    case 'RE':
      return remembered(regexp(wanted))
    case 'NRE': {
      const test = remembered(regexp(wanted))
      return (value) => !test(value)
    }
    default:
      return assertNever(type)
  }
}

function regexp(pattern: string): (value: string) => boolean {
  if (pattern.length > PATTERN_MAX)
    throw invalid(`a regular expression has more than ${PATTERN_MAX} characters`)
  try {
    const compiled = RE2JS.compile(pattern, RE2JS.DOTALL)
    return (value) => compiled.matches(value)
  } catch (error) {
    throw invalid(`the regular expression ${pattern.slice(0, 100)}: ${(error as Error).message}`)
  }
}

/** Many series share a gateway, a tenant, a unit. */
function remembered(test: (value: string) => boolean): (value: string) => boolean {
  const known = new Map<string, boolean>()
  return (value) => {
    const answer = known.get(value) ?? test(value)
    known.set(value, answer)
    return answer
  }
}
