import { ExpectedError } from '#contract/errors.ts'
import { type CloudConnection, openCloudConnection } from '#platform/postgres/cloud-connection.ts'
import type { CloudDestination } from '#platform/postgres/cloud-destination.ts'

/** What a person waits for in front of a screen, ms. */
const SILENCE = 30_000

/**
 * Connects because a person asked for it just now, and closes again.
 * @throws ExpectedError of `contract/error-codes/cloud.ts`
 */
export async function withCloud<T>(
  destination: CloudDestination,
  step: string,
  work: (connection: CloudConnection, signal: AbortSignal) => Promise<T>,
  deadline = 60_000,
): Promise<T> {
  const signal = AbortSignal.timeout(deadline)
  let connection: CloudConnection
  try {
    connection = await openCloudConnection(destination, { name: 'check', signal, silence: SILENCE })
  } catch (error) {
    if (!signal.aborted || error instanceof ExpectedError) throw error
    throw new ExpectedError('cloud_silent', { host: destination.host, seconds: deadline / 1000 })
  }
  try {
    return await work(connection, signal)
  } catch (error) {
    if (error instanceof ExpectedError) throw error
    if (signal.aborted)
      throw new ExpectedError('cloud_silent', { host: destination.host, seconds: deadline / 1000 })
    throw connection.failureOf(error, step)
  } finally {
    await connection.close()
  }
}
