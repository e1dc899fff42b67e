import { annotations } from './api/annotations.ts'
import { auth } from './api/auth.ts'
import { calculations } from './api/calculations.ts'
import { certificates } from './api/certificates.ts'
import { gateways } from './api/gateways.ts'
import { jobs } from './api/jobs.ts'
import { overview } from './api/overview.ts'
import { retention } from './api/retention.ts'
import { setup } from './api/setup.ts'
import { site } from './api/site.ts'
import { telemetry } from './api/telemetry.ts'
import { telemetryFiles } from './api/telemetry-files.ts'
import { tenants } from './api/tenants.ts'
import { views } from './api/views.ts'

/** Everything a person, a script or a screen can ask of the engine. Those with a path are REST under /api/v1 too. */
export const contract = {
  setup,
  auth,
  site,
  tenants,
  gateways,
  certificates,
  retention,
  telemetry,
  calculations,
  overview,
  views,
  annotations,
  jobs,
  telemetryFiles,
}
export type Contract = typeof contract
