import { TextInput } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'

/** A number that may be left out; taken over when it is one, with a comma or a point. */
export function NumberField(props: {
  label: string
  value: number | undefined
  above?: number | undefined
  below?: number | undefined
  hideLabel?: boolean
  onChange(value: number | undefined): void
}) {
  const { t, i18n } = useTranslation('dashboards')
  const [text, setText] = useState(() => shown(props.value, i18n.language))
  const [left, setLeft] = useState(false)
  const problem = problemOf(text)
  function problemOf(typed: string): string | null {
    const number = numberOf(typed)
    if (number === undefined) return null
    if (number === null) return t('problem.number')
    if (props.above !== undefined && number <= props.above) return t('problem.above', { value: props.above })
    if (props.below !== undefined && number >= props.below) return t('problem.below', { value: props.below })
    return null
  }
  return (
    <TextInput
      {...(props.hideLabel === true ? { 'aria-label': props.label } : { label: props.label })}
      inputMode="decimal"
      value={text}
      error={left ? problem : null}
      onBlur={() => setLeft(true)}
      onChange={(event) => {
        const typed = event.currentTarget.value
        setText(typed)
        const number = numberOf(typed)
        if (number !== null && problemOf(typed) === null) props.onChange(number)
      }}
    />
  )
}

function shown(value: number | undefined, language: string): string {
  if (value === undefined) return ''
  return language.startsWith('pt') ? String(value).replace('.', ',') : String(value)
}

/** Undefined for nothing, null for what is no number. */
function numberOf(text: string): number | undefined | null {
  const trimmed = text.trim().replace('−', '-').replace(',', '.')
  if (trimmed === '') return undefined
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d{1,3})?$/i.test(trimmed) && Number.isFinite(Number(trimmed))
    ? Number(trimmed)
    : null
}
