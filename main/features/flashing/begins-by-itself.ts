import type { SerialPort } from '#contract/model/serial-port.ts'
import type { SiteDb } from '#platform/db/site-db.ts'
import { type FlashJobRow, newestOnPort } from './flash-jobs.repository.ts'
import type { PortList } from './port-list.ts'

/** A board that fails so often in a run begins by hand alone: by itself it would be flashed all night. */
const MOST_FAILURES = 3

/**
 * Whether a run may begin with a board that it takes by itself. One that failed begins again after it was really unplugged,
 * two more times at most: a loose cable, or a board that resets its own USB, comes and goes without a person.
 */
export async function mayBeginByItself(
  db: SiteDb,
  ports: Pick<PortList, 'wasUnplugged'>,
  { runId, port }: { runId: string; port: SerialPort },
): Promise<boolean> {
  const jobs = await newestOnPort(db, { runId, identity: port.identity, limit: MOST_FAILURES })
  const failures = failuresInARow(jobs)
  return failures === 0 || (failures < MOST_FAILURES && ports.wasUnplugged(port))
}

/** Of the board that was there last. Another MAC is another board: adapters without a serial number have the identity of their socket. */
function failuresInARow(newestFirst: readonly Pick<FlashJobRow, 'state' | 'mac'>[]): number {
  let mac: string | null = null
  let count = 0
  for (const job of newestFirst) {
    if (job.state !== 'failed' || (mac !== null && job.mac !== null && job.mac !== mac)) break
    mac ??= job.mac
    count += 1
  }
  return count
}
