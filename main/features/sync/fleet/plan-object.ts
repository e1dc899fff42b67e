import { type FieldValue, mergeField, REVOKED, type Stamped } from './merge-field.ts'

/** What is known here of a field: the stamp of its value, and the one that the cloud had when both agreed. */
export interface Version {
  stamp: string
  base: string | null
}

export interface ObjectSides {
  /** Fields that both sides change, by their columns in the cloud. */
  fields: readonly string[]
  /** Null: it is not here. Of one that was deleted here only the deletion is known. */
  here: Readonly<Record<string, FieldValue>> | null
  versions: ReadonlyMap<string, Version>
  there: { values: Readonly<Record<string, FieldValue>>; stamps: Readonly<Record<string, string>> }
  /** Of a value that nobody has changed since its tenant was shared. */
  unchanged: string
}

export interface ObjectPlan {
  /** For the cloud. */
  write: Map<string, Stamped>
  /** For this site. */
  apply: Map<string, Stamped>
  /** Fields that both agree on then, with their stamps. */
  agree: Map<string, string>
  conflicts: { field: string; kept: Stamped; lost: Stamped }[]
}

function emptyPlan(): ObjectPlan {
  return { write: new Map(), apply: new Map(), agree: new Map(), conflicts: [] }
}

/** What follows for an object that is on both sides, of which this site sends its changes. */
export function planPush(sides: ObjectSides): ObjectPlan {
  const plan = emptyPlan()
  for (const field of sides.fields) {
    const side = sideOf(sides, field)
    if (side === null) continue
    if (!isChanged(side)) takeTheirs(plan, field, side)
    else merge(plan, field, side)
  }
  return plan
}

/** What follows for an object that changed in the cloud. What was changed here too waits until that is sent. */
export function planPull(sides: ObjectSides): ObjectPlan {
  const plan = emptyPlan()
  for (const field of sides.fields) {
    const side = sideOf(sides, field)
    if (side === null) continue
    if (!isChanged(side)) takeTheirs(plan, field, side)
    // Even where what was changed here can't be sent.
    else if (isNewRevocation(side)) merge(plan, field, side)
  }
  return plan
}

interface Side {
  here: Stamped & { base: string | null }
  there: Stamped
}

function sideOf(sides: ObjectSides, field: string): Side | null {
  const { here, versions, there, unchanged } = sides
  const value = here?.[field]
  if (value === undefined) return null
  const version = versions.get(field) ?? { stamp: unchanged, base: null }
  return {
    here: { value, ...version },
    there: { value: there.values[field] ?? null, stamp: there.stamps[field] ?? '' },
  }
}

function isChanged({ here }: Side): boolean {
  return here.base !== here.stamp
}

function isNewRevocation({ here, there }: Side): boolean {
  return there.value === REVOKED && here.value !== REVOKED && there.stamp !== here.base
}

function takeTheirs(plan: ObjectPlan, field: string, { here, there }: Side): void {
  if (there.stamp === here.base) return
  if (here.value === there.value) plan.agree.set(field, there.stamp)
  else plan.apply.set(field, there)
}

function merge(plan: ObjectPlan, field: string, { here, there }: Side): void {
  const { kept, value, stamp, lost } = mergeField(here, there)
  if (kept === 'there') plan.apply.set(field, { value, stamp })
  else {
    plan.agree.set(field, stamp)
    if (stamp !== there.stamp) plan.write.set(field, { value, stamp })
  }
  if (lost) plan.conflicts.push({ field, kept: { value, stamp }, lost })
}
