/** What a field can hold, as JSON. */
export type FieldValue = string | boolean | null

/** A value with the stamp of the change that made it. */
export interface Stamped {
  value: FieldValue
  stamp: string
}

export interface MergedField {
  /** Whose value counts; `same`: there is nothing to choose. */
  kept: 'here' | 'there' | 'same'
  value: FieldValue
  stamp: string
  /** The value that lost, where both sides changed it without knowing of the other. */
  lost: Stamped | null
}

/**
 * One value of two. A side that knew of the other's change is later than it. Of two that did not know of each other the later
 * stamp wins, and the other value is told; but a revocation always wins: only an enrollment that knew of it ends it.
 *
 * @param here what this site has, and which stamp the cloud had when both agreed last (null: never)
 * @param there what the cloud has; the stamp is empty where nothing ever stamped it
 */
export function mergeField(here: Stamped & { base: string | null }, there: Stamped): MergedField {
  if (here.stamp === there.stamp || here.value === there.value)
    // The later stamp, so that what either side knew of stays known.
    return { kept: 'same', value: there.value, stamp: later(here.stamp, there.stamp), lost: null }
  if (there.stamp === here.base) return keep('here', here, null)
  const isOurs = isRevocation(here) === isRevocation(there) ? here.stamp > there.stamp : isRevocation(here)
  return isOurs ? keep('here', here, there) : keep('there', there, here)
}

/** Of a gateway; nothing else has such a value in a field of states. */
export const REVOKED = 'revoked'

function isRevocation({ value }: Stamped): boolean {
  return value === REVOKED
}

function keep(kept: 'here' | 'there', { value, stamp }: Stamped, lost: Stamped | null): MergedField {
  return { kept, value, stamp, lost: lost && { value: lost.value, stamp: lost.stamp } }
}

function later(one: string, other: string): string {
  return one > other ? one : other
}
