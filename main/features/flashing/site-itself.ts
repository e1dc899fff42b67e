import { wholeTenant } from '#features/access/index.ts'
import type { FlowCaller } from './flow-tools.ts'

/** Goes on with what somebody began who may flash no more, or is no more: nothing new is begun by it. */
export function siteItself(tenantId: string): FlowCaller {
  return { actor: { kind: 'local', name: 'millwright' }, scope: wholeTenant(tenantId) }
}
