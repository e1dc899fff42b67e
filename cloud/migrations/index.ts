import { start } from './0001-start.ts'
import type { TelemetryOptions } from './0001-telemetry.ts'

export interface CloudMigration {
  readonly name: string
  /** Run as millwright_admin, in one transaction. Append-only: what has run somewhere is not changed.
   * Its GRANT and REVOKE run again with each `init`, so a later one leaves what they name in place. */
  readonly statements: (options: TelemetryOptions) => readonly string[]
}

/** In order; the first makes version 1. */
export const cloudMigrations: readonly CloudMigration[] = [{ name: '0001-start', statements: start }]
