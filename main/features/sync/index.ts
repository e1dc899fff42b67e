export { type CloudMetrics, cloudMetrics } from './cloud-metrics.ts'
export { conflictsOf } from './conflicts.service.ts'
export { DeadLettersService } from './dead-letters/index.ts'
export {
  type AccessGateway,
  FleetSync,
  type FleetTargets,
  type GatewayAccess,
  type GatewayRights,
} from './fleet/index.ts'
export { JoinService } from './join.service.ts'
export { LeaveService } from './leave.service.ts'
export { CloudLink } from './link/cloud-link.ts'
export { defaultLinkTimes, type LinkTimes } from './link/link-times.ts'
export { Traffic } from './link/traffic.ts'
export { LinkSettingsService } from './link-settings.service.ts'
export { type CloudPulse, CloudStatusService } from './status.service.ts'
export { cloudSweeps, compareEverything } from './sweeps.service.ts'
export { createCloudRouter } from './sync.router.ts'
export { TelemetrySync } from './telemetry/index.ts'
export { TenantChoices } from './tenant-choices.ts'
