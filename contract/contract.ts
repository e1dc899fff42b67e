import { account } from './api/account.ts'
import { annotations } from './api/annotations.ts'
import { apiKeys } from './api/api-keys.ts'
import { audit } from './api/audit.ts'
import { auth } from './api/auth.ts'
import { bench } from './api/bench.ts'
import { calculations } from './api/calculations.ts'
import { certificates } from './api/certificates.ts'
import { claims } from './api/claims.ts'
import { cloud } from './api/cloud.ts'
import { commands } from './api/commands.ts'
import { dialects } from './api/dialects.ts'
import { doctor } from './api/doctor.ts'
import { est } from './api/est.ts'
import { firmware } from './api/firmware.ts'
import { gatewayConnection } from './api/gateway-connection.ts'
import { gatewayImport } from './api/gateway-import.ts'
import { gateways } from './api/gateways.ts'
import { groups } from './api/groups.ts'
import { jobs } from './api/jobs.ts'
import { labels } from './api/labels.ts'
import { limits } from './api/limits.ts'
import { mqttClients } from './api/mqtt-clients.ts'
import { notices } from './api/notices.ts'
import { overview } from './api/overview.ts'
import { ownKeyProcedures } from './api/own-keys.ts'
import { privacy } from './api/privacy.ts'
import { profiles } from './api/profiles.ts'
import { retention } from './api/retention.ts'
import { roles } from './api/roles.ts'
import { setup } from './api/setup.ts'
import { signInProcedures } from './api/sign-in.ts'
import { signOn } from './api/sign-on.ts'
import { site } from './api/site.ts'
import { telemetry } from './api/telemetry.ts'
import { telemetryFiles } from './api/telemetry-files.ts'
import { tenants } from './api/tenants.ts'
import { topics } from './api/topics.ts'
import { users } from './api/users.ts'
import { views } from './api/views.ts'

/** Everything a person, a script or a screen can ask of the engine. Those with a path are REST under /api/v1 too. */
export const contract = {
  setup,
  auth: { ...auth, ...signInProcedures },
  account,
  site,
  tenants,
  groups,
  users,
  roles,
  signOn,
  apiKeys,
  mqttClients,
  gateways: { ...gateways, ...ownKeyProcedures, ...gatewayConnection, ...gatewayImport },
  profiles,
  commands,
  dialects,
  topics,
  limits,
  labels,
  certificates,
  claims,
  est,
  notices,
  retention,
  telemetry,
  calculations,
  overview,
  views,
  annotations,
  jobs,
  telemetryFiles,
  audit,
  privacy,
  doctor,
  bench,
  firmware,
  cloud,
}
export type Contract = typeof contract
