import type { Calculation } from '#contract/api/calculations.ts'
import { readError } from '#renderer/api/read-error.ts'

/** A calculated channel as it stands in the form. */
export interface CalculationForm {
  name: string
  unit: string
  expression: string
  basis: Calculation['basis']
}

export function formOf(calculation: Calculation | null): CalculationForm {
  return {
    name: calculation?.name ?? '',
    unit: calculation?.unit ?? '',
    expression: calculation?.expression ?? '',
    basis: calculation?.basis ?? 'average',
  }
}

export function inputOf(form: CalculationForm) {
  const { name, unit, expression, basis } = form
  return { name: name.trim(), unit: unit.trim() || null, expression, basis }
}

/** A name as an expression writes it: `[GW001/power]`, brackets within escaped. */
export function bracketed(name: string): string {
  return `[${name.replace(/[\]\\]/g, '\\$&')}]`
}

/** Text with a piece in place of the selection, blanks around it where it would touch a word, and the caret after it. */
export function withPiece(
  text: string,
  selection: { start: number; end: number },
  piece: string,
): { text: string; caret: number } {
  const before = text.slice(0, selection.start)
  const after = text.slice(selection.end)
  const left = before === '' || /[\s(,]$/.test(before) ? '' : ' '
  const right = after === '' || /^[\s),]/.test(after) ? '' : ' '
  return { text: before + left + piece + right + after, caret: before.length + left.length + piece.length }
}

/** What is wrong with an expression, and where in it. */
export interface ExpressionProblem {
  /** A key of `problem` in the locale. */
  problem: string
  /** Counted from 0. */
  start: number
  end: number
  what: string
}

/** Of an error that the site answered with; null where it is about something else. */
export function problemOf(error: unknown): ExpressionProblem | null {
  const { code, data } = readError(error)
  if (code !== 'expression_invalid') return null
  const start = Number(data.position ?? 1) - 1
  return {
    problem: String(data.problem ?? 'unexpected'),
    start,
    end: start + Number(data.length ?? 1),
    what: String(data.what ?? ''),
  }
}

/** Functions that the help lists, with how they are written. */
export const functionHelp = {
  rate: "rate([…], 's' | 'min' | 'h')",
  increase: 'increase([…])',
  rollover: "rate([…], 'h', 100000)",
  if: 'if([…] > 5, 1, 0)',
  compare: '<  <=  >  >=  ==  !=',
  arithmetic: '+  -  *  /  %  ^  ( )',
  minMax: 'min(…, …)  max(…, …)',
  round: 'round(…, 2)  floor(…)  ceil(…)',
  other: 'abs(…)  sqrt(…)',
  reference: '[=…]',
} as const
export type HelpName = keyof typeof functionHelp
