import type { Storage } from '#contract/api/retention.ts'
import type { RetentionClass } from '#contract/model/retention.ts'

const DAY = 24 * 60 * 60_000
const MOST_DAYS = 36_500

export interface ClassForm {
  name: string
  ever: boolean
  days: string
  evictable: boolean
}

export type ClassProblems = Partial<Record<'name' | 'days', 'nameMissing' | 'nameLong' | 'days'>>

export function classFormOf(one: RetentionClass | null): ClassForm {
  return {
    name: one?.name ?? '',
    ever: one !== null && one.days === null,
    days: String(one?.days ?? 365),
    evictable: one?.evictable ?? false,
  }
}

export function classProblems(form: ClassForm): ClassProblems {
  const problems: ClassProblems = {}
  const name = form.name.trim()
  if (name === '') problems.name = 'nameMissing'
  else if (name.length > 60) problems.name = 'nameLong'
  const days = Number(form.days)
  if (!form.ever && !(/^\d+$/.test(form.days.trim()) && days >= 1 && days <= MOST_DAYS))
    problems.days = 'days'
  return problems
}

export function classOf(form: ClassForm): Omit<RetentionClass, 'id'> {
  return {
    name: form.name.trim(),
    days: form.ever ? null : Number(form.days),
    evictable: form.evictable,
  }
}

/** What is deleted when a class keeps readings for this many days from now on. */
export interface Losses {
  months: string[]
  readings: number
  bytes: number
}

/** A month goes when its last day is older than the class keeps. */
export function lossesOf(
  files: Storage['files'],
  change: { id: string; before: number | null; after: number | null },
  now: number,
): Losses | null {
  const { id, before, after } = change
  if (after === null || (before !== null && after >= before)) return null
  const lost = files.filter(
    ({ retentionClass, month }) => retentionClass === id && endOf(month) + after * DAY <= now,
  )
  if (lost.length === 0) return null
  return {
    months: lost.map(({ month }) => month).toSorted(),
    readings: lost.reduce((sum, { readings }) => sum + readings, 0),
    bytes: lost.reduce((sum, { bytes }) => sum + bytes, 0),
  }
}

/** Start of the month after `2026-11`, in UTC. */
function endOf(month: string): number {
  const [year = 0, number = 0] = month.split('-').map(Number)
  return Date.UTC(year, number, 1)
}

const GB = 1e9

/** `null`: no budget; `NaN`: not a budget. Comma and point are both decimal marks. */
export function readBudget(text: string): number | null {
  const trimmed = text.trim()
  if (trimmed === '') return null
  if (!/^\d+([.,]\d*)?$/.test(trimmed)) return Number.NaN
  const gigabytes = Number(trimmed.replace(',', '.'))
  return gigabytes >= 0.01 && gigabytes < 1e6 ? Math.round(gigabytes * GB) : Number.NaN
}

export function writeBudget(bytes: number | null, locale: string): string {
  if (bytes === null) return ''
  return new Intl.NumberFormat(locale, { useGrouping: false, maximumFractionDigits: 3 }).format(bytes / GB)
}
