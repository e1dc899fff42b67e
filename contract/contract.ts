import { auth } from './api/auth.ts'
import { certificates } from './api/certificates.ts'
import { gateways } from './api/gateways.ts'
import { overview } from './api/overview.ts'
import { setup } from './api/setup.ts'
import { site } from './api/site.ts'
import { telemetry } from './api/telemetry.ts'
import { tenants } from './api/tenants.ts'

/** Everything a person, a script or a screen can ask of the engine. Those with a path are REST under /api/v1 too. */
export const contract = { setup, auth, site, tenants, gateways, certificates, telemetry, overview }
export type Contract = typeof contract
