import { useTranslation } from 'react-i18next'
import type { ErrorData } from '#contract/errors.ts'
import { useFormat } from '#renderer/ui/format.ts'
import { type ReadError, readError } from './read-error.ts'

export interface ErrorText {
  /** What happened and why, one sentence. */
  what: string
  /** What to do about it. */
  todo: string
  /** Code, request id and message, to copy for support. */
  details: string
}

/** Words an error in the person's language. `const text = useErrorText(); text(error).what` */
export function useErrorText(): (error: unknown) => ErrorText {
  const { t, i18n } = useTranslation(['errors', 'common'])
  const format = useFormat()
  return (error) => {
    const read = readError(error)
    const values: Record<string, unknown> = { ...read.data, until: localTime(read.data.until, i18n.language) }
    const { what, state, step, heard, at, field } = read.data
    if (typeof what === 'string') values.what = t(`common:thing.${what}`, { defaultValue: what })
    if (typeof state === 'string') values.state = t(`common:state.${state}`, { defaultValue: state })
    if (typeof step === 'string') values.step = t(`common:step.${step}`, { defaultValue: step })
    if (typeof heard === 'string') values.heard = t(`common:heard.${heard}`, { defaultValue: heard })
    if (typeof field === 'string' && read.code.startsWith('cloud_text_'))
      values.field = t(`common:field.${field}`, { defaultValue: field })
    if (typeof at === 'string' && ISO_TIME.test(at)) values.at = format.dateTime(Date.parse(at))
    return {
      what: t(`errors:${read.code}.what`, values),
      todo: t(`errors:${read.code}.todo`, values),
      details: details(read),
    }
  }
}

/** An `at` that is a time, ISO 8601, and not a place. */
const ISO_TIME = /^\d{4}-\d\d-\d\dT/

/** Times in error data are ISO 8601 or ms: shown as local time. */
function localTime(time: ErrorData[string] | undefined, locale: string): string {
  const at = new Date(typeof time === 'string' || typeof time === 'number' ? time : Number.NaN)
  if (Number.isNaN(at.getTime())) return ''
  return new Intl.DateTimeFormat(locale, {
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hour12: false,
  }).format(at)
}

function details(read: ReadError): string {
  const lines = [`code: ${read.code}`]
  if (read.requestId !== null) lines.push(`request id: ${read.requestId}`)
  lines.push(`message: ${read.message}`)
  for (const [name, value] of Object.entries(read.data))
    if (name !== 'requestId') lines.push(`${name}: ${value}`)
  return lines.join('\n')
}
