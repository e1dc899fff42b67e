import { ExpectedError } from '#contract/errors.ts'
import type { ColumnValue } from './entity.ts'
import { NO_MOMENT } from './moments.ts'

/**
 * What keeps a row from being stored by Postgres, which holds neither NUL nor half of a character, in text or JSON.
 * @returns `cloud_text_nul`, `cloud_text_surrogate`, `cloud_time_out_of_range`; null where nothing does
 */
export function storageProblem(columns: Readonly<Record<string, ColumnValue>>): ExpectedError | null {
  for (const [field, value] of Object.entries(columns)) {
    const problem = problemOf(field, value)
    if (problem) return problem
  }
  return null
}

function problemOf(field: string, value: ColumnValue): ExpectedError | null {
  if (typeof value === 'string') return textProblem(field, value)
  if (typeof value !== 'object' || value === null) return null
  for (const [key, part] of Object.entries(value)) {
    const problem = textProblem(field, key) ?? problemOf(field, part)
    if (problem) return problem
  }
  return null
}

function textProblem(field: string, text: string): ExpectedError | null {
  if (text.startsWith(NO_MOMENT))
    return new ExpectedError('cloud_time_out_of_range', { ts: Number(text.slice(NO_MOMENT.length)) })
  if (text.includes('\u0000')) return new ExpectedError('cloud_text_nul', { field })
  return text.isWellFormed() ? null : new ExpectedError('cloud_text_surrogate', { field })
}
