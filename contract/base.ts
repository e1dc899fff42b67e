import { oc } from '@orpc/contract'
import { type ErrorCode, errorCodes } from './errors.ts'
import type { Access } from './model/permission.ts'

/** What the engine's one middleware reads of each procedure. */
export interface ProcedureMeta {
  /** Who may call it. Nothing is allowed that is not said. */
  access: Access
  /**
   * How far the caller's rights must go: `site`: only people of the whole site. `tenant`: not those whose rights end
   * at some groups or at their own gateways. Left out: anyone with the permission, about what they see.
   */
  reach?: 'site' | 'tenant'
  /** Also answers while the session is locked. */
  whileLocked?: true
  /** The action's name in the audit, for procedures that change something. Reads have none. */
  audit?: string
}

export const base = oc.$meta<ProcedureMeta>({ access: 'nobody' })

/** The declared errors of a procedure, from the registry. */
export function errors<const Code extends ErrorCode>(
  ...codes: Code[]
): { [C in Code]: { status: number; message: string } } {
  const declared: Partial<Record<ErrorCode, { status: number; message: string }>> = {}
  for (const code of codes) declared[code] = errorCodes[code]
  return declared as { [C in Code]: { status: number; message: string } }
}
