import { useTranslation } from 'react-i18next'
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
  const { t, i18n } = useTranslation('errors')
  return (error) => {
    const read = readError(error)
    const values = shown(read.data, i18n.language)
    return {
      what: t(`${read.code}.what`, values),
      todo: t(`${read.code}.todo`, values),
      details: details(read),
    }
  }
}

/** Times in error data are ISO 8601 or ms under names such as `until`: shown as local time. */
function shown(data: ReadError['data'], locale: string): Record<string, unknown> {
  const values: Record<string, unknown> = { ...data }
  if (data.until !== undefined && data.until !== null) {
    const until = new Date(typeof data.until === 'boolean' ? Number.NaN : data.until)
    if (!Number.isNaN(until.getTime())) {
      values.until = new Intl.DateTimeFormat(locale, { hour: '2-digit', minute: '2-digit', second: '2-digit' }).format(until)
    }
  }
  return values
}

function details(read: ReadError): string {
  const lines = [`code: ${read.code}`]
  if (read.requestId !== null) lines.push(`request id: ${read.requestId}`)
  lines.push(`message: ${read.message}`)
  for (const [name, value] of Object.entries(read.data)) if (name !== 'requestId') lines.push(`${name}: ${value}`)
  return lines.join('\n')
}
