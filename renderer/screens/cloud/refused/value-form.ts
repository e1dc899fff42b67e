import type { CloudDeadLetter } from '#contract/model/cloud.ts'

export const valueKinds = ['number', 'boolean', 'text'] as const
type ValueKind = (typeof valueKinds)[number]

type Value = CloudDeadLetter['value']

/** Half of a pair that stands alone: no character (Unicode 3.8, D75). */
const LONE_SURROGATE = /[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/g

/** A value with what cannot be seen written out: a NUL as `\u0000`, half a character as `\ud83d`. */
export function visible(value: Value): string {
  if (value === null) return ''
  const written = (char: string) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`
  return String(value)
    .replaceAll(/[\u0000-\u001F\u007F]/g, written)
    .replaceAll(LONE_SURROGATE, written)
}

/** The value as a proposal: without what the cloud cannot store. */
function storable(text: string): string {
  return text.replaceAll('\u0000', '').replaceAll(LONE_SURROGATE, '')
}

/** What the field begins with. A value that is missing was a number that is none. */
export function draftOf(value: Value): { kind: ValueKind; text: string } {
  if (typeof value === 'boolean') return { kind: 'boolean', text: String(value) }
  if (typeof value === 'string') return { kind: 'text', text: storable(value) }
  return { kind: 'number', text: value === null ? '' : String(value) }
}

/** The value that a draft stands for; null where it stands for none. A comma counts as a point. */
export function readDraft(kind: ValueKind, text: string): number | boolean | string | null {
  if (kind === 'text') return storable(text) === text ? text : null
  if (kind === 'boolean') return text === 'true'
  const trimmed = text.trim().replace('−', '-').replace(',', '.')
  if (!/^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(trimmed)) return null
  const value = Number(trimmed)
  return Number.isFinite(value) ? value : null
}
