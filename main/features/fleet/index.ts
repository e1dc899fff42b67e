export { credentialsOf } from './credentials.repository.ts'
export { createFleetRouter } from './fleet.router.ts'
export { type CredentialRevoker, FleetService } from './fleet.service.ts'
export { FleetState } from './fleet-state.ts'
export { aliasesOf, type GatewayAliases } from './gateway-aliases.ts'
export { type GatewayPolicy, type GatewayPolicyChange, type PolicySink, policyOf } from './gateway-policy.ts'
export * as gatewaysRepository from './gateways.repository.ts'
export { gatewayHistory, insertHistory, recentHistory } from './history.repository.ts'
export { PlacementService } from './placement.service.ts'
export { type GatewayChange, PresenceRecorder } from './presence-recorder.ts'
export { ReassignmentService } from './reassignment.service.ts'
export {
  listRefusals,
  newestRefusals,
  type RefusalFact,
  readEvidence,
  recentStrangers,
  strangersRefusals,
} from './refusals.repository.ts'
export { isSignInName } from './sign-in-names.ts'
