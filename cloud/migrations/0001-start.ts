import { readingsFunctions } from '../readings/index.ts'
import { policies } from '../roles/policies.ts'
import { rowChecks } from './0001-checks.ts'
import { emqx } from './0001-emqx.ts'
import { functions } from './0001-functions.ts'
import { stamps } from './0001-stamps.ts'
import { tables } from './0001-tables.ts'
import { letUnpack, readingsViews, type TelemetryOptions, telemetry } from './0001-telemetry.ts'
import { whoAmI } from './0001-who.ts'

/** Sites, tenants, the fleet, the feed, readings, EMQX. */
export function start(options: TelemetryOptions): readonly string[] {
  return [
    ...whoAmI,
    ...tables,
    ...telemetry(options),
    ...stamps,
    ...rowChecks,
    ...functions,
    ...readingsViews(options),
    ...readingsFunctions,
    ...letUnpack(options),
    ...policies,
    ...emqx,
  ]
}
