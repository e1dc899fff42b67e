import { assertNever } from '#contract/errors.ts'
import type { BinaryOperator, FunctionName } from './syntax-tree.ts'

/** No value. It spreads: whatever is counted with it has none either. */
export const NO_VALUE = Number.NaN

/** A finite number, or none: what divides by zero or leaves the range of numbers has no value. */
function finite(value: number): number {
  return Number.isFinite(value) ? value : NO_VALUE
}

/** Comparisons give 1 or 0. */
export function binary(operator: BinaryOperator, left: number, right: number): number {
  if (Number.isNaN(left) || Number.isNaN(right)) return NO_VALUE
  switch (operator) {
    case '+':
      return finite(left + right)
    case '-':
      return finite(left - right)
    case '*':
      return finite(left * right)
    case '/':
      return right === 0 ? NO_VALUE : finite(left / right)
    case '%':
      return finite(left % right)
    case '^':
      return finite(left ** right)
    case '<':
      return left < right ? 1 : 0
    case '<=':
      return left <= right ? 1 : 0
    case '>':
      return left > right ? 1 : 0
    case '>=':
      return left >= right ? 1 : 0
    case '==':
      return left === right ? 1 : 0
    case '!=':
      return left === right ? 0 : 1
    default:
      return assertNever(operator)
  }
}

/** `if` needs only the branch that it takes; the other functions have a value where all arguments have. */
export function call(name: FunctionName, args: readonly number[]): number {
  const [first = NO_VALUE, second = NO_VALUE, third = NO_VALUE] = args
  if (name === 'if') return Number.isNaN(first) ? NO_VALUE : first === 0 ? third : second
  if (args.some(Number.isNaN)) return NO_VALUE
  switch (name) {
    case 'min':
      return Math.min(...args)
    case 'max':
      return Math.max(...args)
    case 'abs':
      return Math.abs(first)
    case 'sqrt':
      return first < 0 ? NO_VALUE : Math.sqrt(first)
    case 'round':
      return round(first, args.length > 1 ? second : 0)
    case 'floor':
      return Math.floor(first)
    case 'ceil':
      return Math.ceil(first)
    default:
      return assertNever(name)
  }
}

/** Half away from zero, as people round; `digits` after the point, -15 to 15. */
function round(value: number, digits: number): number {
  const places = Math.trunc(Math.max(-15, Math.min(15, digits)))
  // Through the decimal text, for 1.005 * 100 is 100.49999999999999.
  const shifted = Math.round(scaled(Math.abs(value), places))
  return finite(Math.sign(value) * scaled(shifted, -places)) + 0
}

function scaled(value: number, places: number): number {
  const text = String(value)
  return text.includes('e') ? value * 10 ** places : Number(`${text}e${places}`)
}
