import { contract } from '#contract/contract.ts'
import { type Permission, permissions } from '#contract/model/permission.ts'

/** What is asked for beside the contract, by routes that stream (`main/engine/file-routes.ts`). */
const besideTheContract: readonly Permission[] = ['telemetry:export']

/** The permissions that something of this site asks for, in the order of their list. */
export function usedPermissions(): Permission[] {
  const asked = new Set<string>(besideTheContract)
  for (const feature of Object.values(contract))
    for (const procedure of Object.values(feature)) asked.add(procedure['~orpc'].meta.access)
  return permissions.filter((permission) => asked.has(permission))
}
