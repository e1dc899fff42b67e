import { type CloudState, cloudStates } from '#contract/model/cloud.ts'
import type { Traffic } from './link/traffic.ts'
import type { CloudStatusService } from './status.service.ts'

/** The link as numbers, for Prometheus; times in seconds since 1970. */
export interface CloudMetrics {
  /** 1 for the state that it is in, 0 for the others. */
  state: Record<CloudState, 0 | 1>
  backlogReadings: number
  backlogSeconds: number
  backlogObjects: number
  readingsSent: number
  bytes: number
  deadLetters: number
  conflicts: number
  readingsLost: number
  lastSuccess: number
}

/** Null where the site has not joined a cloud. */
export async function cloudMetrics(
  status: CloudStatusService,
  traffic: Traffic,
): Promise<CloudMetrics | null> {
  const view = await status.show()
  if (!view.joined) return null
  const { state, backlog, tenants, deadLetters, conflicts, lastSuccessAt } = view.status
  const pulse = await status.pulse()
  const sum = (of: (tenant: (typeof tenants)[number]) => number) =>
    tenants.reduce((total, tenant) => total + of(tenant), 0)
  const states = cloudStates.map((one) => [one, one === state ? 1 : 0])
  return {
    state: Object.fromEntries(states) as CloudMetrics['state'],
    backlogReadings: backlog.readings ?? 0,
    backlogSeconds: pulse?.backlogSeconds ?? 0,
    backlogObjects: backlog.objects,
    readingsSent: sum(({ readingsSent }) => readingsSent),
    bytes: traffic.bytes,
    deadLetters,
    conflicts,
    readingsLost: sum(({ readingsLost }) => readingsLost),
    lastSuccess: (lastSuccessAt ?? 0) / 1000,
  }
}
