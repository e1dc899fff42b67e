import { assertNever } from '#contract/errors.ts'
import type { ReadingValue, ValueKind } from '#contract/model/reading.ts'
import type { RowProblem } from '#contract/model/telemetry-file.ts'

/** Characters of a text: the same as the broker takes from a gateway. */
export const MOST_TEXT = 1_048_576

export type Cell = { value: ReadingValue } | { problem: RowProblem }

/** What a cell's text can be. A channel that is new takes the kind that most of its cells have. */
export type CellShape = 'number' | 'boolean' | 'text' | 'not_finite'

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d{1,4})?$/i
const NOT_FINITE = /^[+-]?(nan|inf|infinity)$/i

export function shapeOf(text: string, decimal: string): CellShape {
  const trimmed = text.trim()
  const plain = decimal === ',' ? trimmed.replace(',', '.') : trimmed
  if (NUMBER.test(plain)) return Number.isFinite(Number(plain)) ? 'number' : 'not_finite'
  if (/^(true|false)$/i.test(trimmed)) return 'boolean'
  return NOT_FINITE.test(trimmed) ? 'not_finite' : 'text'
}

/** A cell as a value of its channel's kind. Empty cells never come here. */
export function cellValue(text: string, kind: ValueKind, decimal: string): Cell {
  if (kind === 'text') return textCell(text)
  const shape = shapeOf(text, decimal)
  if (shape === 'not_finite') return { problem: 'not_finite' }
  const trimmed = text.trim()
  switch (kind) {
    case 'boolean':
      if (shape === 'boolean') return { value: trimmed.toLowerCase() === 'true' }
      if (trimmed === '1' || trimmed === '0') return { value: trimmed === '1' }
      return { problem: shape === 'number' ? 'kind' : 'value' }
    case 'number':
    case 'integer': {
      if (shape !== 'number') return { problem: shape === 'boolean' ? 'kind' : 'value' }
      const value = Number(decimal === ',' ? trimmed.replace(',', '.') : trimmed)
      return kind === 'integer' && !Number.isInteger(value) ? { problem: 'kind' } : { value }
    }
    default:
      return assertNever(kind)
  }
}

function textCell(text: string): Cell {
  if (text.length > MOST_TEXT) return { problem: 'text_too_long' }
  return text.includes('\0') || !text.isWellFormed() ? { problem: 'value' } : { value: text }
}
