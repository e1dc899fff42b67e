import { dayDigests } from './day-digests.ts'
import { openIncoming, ownIncoming } from './incoming.ts'
import { takeReadings } from './take-readings.ts'

export { INCOMING, incomingColumns, LONGEST_RUN } from './incoming.ts'

/** Of functions that sites may call. */
export const readingsSignatures = [
  'millwright.open_incoming()',
  'millwright.take_readings(boolean)',
  'millwright.day_digests(bigint[], bigint, bigint)',
] as const

/**
 * Functions around `millwright.telemetry`; they need its tables, my_site() and ensure_months(). Run as the owner of the
 * schema, which must have TEMPORARY on the database.
 */
export const readingsFunctions: string[] = [
  ownIncoming,
  openIncoming,
  takeReadings,
  dayDigests,
  'REVOKE ALL ON FUNCTION millwright.own_incoming() FROM PUBLIC',
  ...readingsSignatures.flatMap((signature) => [
    `REVOKE ALL ON FUNCTION ${signature} FROM PUBLIC`,
    `GRANT EXECUTE ON FUNCTION ${signature} TO millwright_site`,
  ]),
]
