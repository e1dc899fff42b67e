export type { FleetExchange } from './fleet-run.ts'
export { FleetSync } from './fleet-sync.ts'
export type { FleetTargets } from './fleet-targets.ts'
export type { AccessGateway, GatewayAccess, GatewayRights } from './gateway-access.ts'
