import type { CloudBacklog } from '#contract/model/cloud.ts'
import type { SiteTrx } from '#platform/db/site-db.ts'
import type { Topic } from '#platform/events/topic.ts'
import type { CloudConnection } from '#platform/postgres/cloud-connection.ts'
import type { CloudSession } from './cloud-session.ts'

/** What the link needs of the fleet's side (`fleet/`). */
export interface FleetPart {
  /** After a commit that put something into the outbox. */
  readonly changed: Pick<Topic<void>, 'subscribe'>
  /** Sends what waits, then takes what is new. Rejects where the link fails. `heldFor`: see `FleetExchange`. */
  exchange(
    connection: CloudConnection,
    session: CloudSession,
    signal: AbortSignal,
  ): Promise<{ heldFor: number }>
  /** All of a tenant is to be sent: its mode was turned on. */
  queueAll(tenantId: string, trx: SiteTrx): Promise<void>
  /** Nothing of a tenant is to be sent any more. */
  forget(tenantId: string, trx: SiteTrx): Promise<void>
}

/** What the link needs of the readings' side (`telemetry/`). */
export interface TelemetryPart {
  /** Live readings; runs until aborted, or rejects where the link fails. */
  runTail(connection: CloudConnection, session: CloudSession, signal: AbortSignal): Promise<void>
  /** History, gaps, resyncs; as `runTail`, on a connection of its own. */
  runSweeps(connection: CloudConnection, session: CloudSession, signal: AbortSignal): Promise<void>
  backlog(): Promise<TelemetryBacklog>
  estimate(tenantId: string, fromAt: number | null): Promise<{ readings: number; bytes: number }>
}

export interface TelemetryBacklog {
  readings: number | null
  oldestAt: number | null
  perTenant: Map<string, Omit<CloudBacklog, 'objects'>>
}
