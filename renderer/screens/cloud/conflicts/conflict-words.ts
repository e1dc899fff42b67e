import type { CloudConflict } from '#contract/model/cloud.ts'

/** Names of objects that fields point at, by id. */
export type NameOf = (id: string) => string | undefined

/** `groups` or `group` as `group`: what a conflict is about. */
export function entityKey(entity: string): string {
  return entity === 'gateways' || entity === 'groups' || entity === 'tenants' || entity === 'users'
    ? entity.slice(0, -1)
    : entity
}

/** `parent_id` and `parentId` are one field. */
export function fieldKey(field: string): string {
  return field.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())
}

/** A value of a field in words: a name where it points at something that is known here. Null: nothing. */
export function valueText(value: unknown, nameOf: NameOf): string | null {
  if (value === null || value === undefined || value === '') return null
  if (typeof value === 'string') return nameOf(value) ?? value
  return JSON.stringify(value)
}

/** Whether a value is a time in ms, as fields like `deletedAt` hold. */
export function timeOf({ field }: Pick<CloudConflict, 'field'>, value: unknown): number | null {
  if (!fieldKey(field).endsWith('At')) return null
  const at = typeof value === 'string' ? Date.parse(value) : value
  return typeof at === 'number' && Number.isFinite(at) ? at : null
}
