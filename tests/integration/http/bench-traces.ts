import { BenchSetupSchema } from '#contract/model/flash.ts'
import type { SiteDb } from '#platform/db/site-db.ts'
import { uuid7 } from '#platform/ids/uuid7.ts'

/** What flashing left behind in a tenant. */
export interface BenchTraces {
  runId: string
  jobId: string
}

/** A run that is over, with one board that failed, as the store of a running site has them. */
export async function leaveBenchTraces(
  db: SiteDb,
  { tenantId, groupId }: { tenantId: string; groupId: string },
): Promise<BenchTraces> {
  const runId = uuid7()
  const jobId = uuid7()
  const by = { startedAt: 1_000, startedById: null, startedByName: 'Ana', endedAt: 2_000 }
  await db
    .insertInto('benchRuns')
    .values({
      id: runId,
      tenantId,
      groupId,
      name: `run of ${tenantId}`,
      setup: JSON.stringify(BenchSetupSchema.parse({ bundleId: uuid7() })),
      facts: JSON.stringify({ bundle: 'fw 1', signature: 'signed', profile: null, group: null, wifi: null }),
      state: 'ended',
      nextNumber: 1,
      ...by,
    })
    .execute()
  await db
    .insertInto('flashJobs')
    .values({
      id: jobId,
      runId,
      tenantId,
      kind: 'gateway',
      port: JSON.stringify({ path: '/dev/ttyUSB0', name: 'ttyUSB0', identity: 'usb', isSimulated: false }),
      portIdentity: 'usb',
      state: 'failed',
      step: 'connecting',
      errorCode: 'board_silent',
      errorData: JSON.stringify({ port: 'ttyUSB0', tries: 5 }),
      ...by,
    })
    .execute()
  return { runId, jobId }
}
