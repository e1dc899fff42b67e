import { Select } from '@mantine/core'
import type { Group } from '#contract/api/groups.ts'
import { groupPath } from '../api/use-groups.ts'

const NONE = ''

/** Groups as a component of choices takes them, one or many: by their paths, so that typing finds any of them. */
export function groupOptions(groups: readonly Group[]): { value: string; label: string }[] {
  return groups.map((group) => ({ value: group.id, label: groupPath(group) }))
}

/** One group of a tenant, by its path; or none, where that may be chosen. */
export function GroupSelect(props: {
  label: string
  description?: string
  groups: readonly Group[]
  value: string | null
  /** The words for no group, or for the top; left out: one must be chosen. */
  none?: string
  error?: string | null
  autoFocus?: boolean
  onChange(value: string | null): void
}) {
  const { none } = props
  return (
    <Select
      label={props.label}
      description={props.description}
      data={[...(none === undefined ? [] : [{ value: NONE, label: none }]), ...groupOptions(props.groups)]}
      value={props.value ?? (none === undefined ? null : NONE)}
      onChange={(value) => props.onChange(value === null || value === NONE ? null : value)}
      error={props.error ?? null}
      allowDeselect={false}
      searchable={props.groups.length > 6}
      data-autofocus={props.autoFocus}
    />
  )
}
