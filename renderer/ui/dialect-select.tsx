import { Select } from '@mantine/core'
import { useDialectNames } from '../api/use-profiles.ts'

const OF_PROFILE = ''

/** One dialect by its title and name; or that of the profile, where that may be chosen. */
export function DialectSelect(props: {
  label: string
  description?: string
  value: string | null
  /** The words for "as its profile says"; left out: one must be chosen. */
  ofProfile?: string | undefined
  error?: string | null
  onChange(value: string | null): void
}) {
  const known = useDialectNames()
  const { value, ofProfile } = props
  const names = known.map(({ name, title }) => ({
    value: name,
    label: title === name ? name : `${title} · ${name}`,
  }))
  const missing = value !== null && !known.some(({ name }) => name === value) ? [{ value, label: value }] : []
  return (
    <Select
      label={props.label}
      description={props.description}
      data={[
        ...(ofProfile === undefined ? [] : [{ value: OF_PROFILE, label: ofProfile }]),
        ...missing,
        ...names,
      ]}
      value={value ?? (ofProfile === undefined ? null : OF_PROFILE)}
      onChange={(chosen) => props.onChange(chosen === null || chosen === OF_PROFILE ? null : chosen)}
      error={props.error ?? null}
      allowDeselect={false}
    />
  )
}
