import { ExpectedError } from '#contract/errors.ts'
import { checkedCa } from '#platform/postgres/ca-certificate.ts'
import { type CloudConnection, openCloudConnection } from '#platform/postgres/cloud-connection.ts'
import { parseCloudUrl } from '#platform/postgres/cloud-url.ts'
import type { CommandContext } from '../command-context.ts'
import { type CloudFlags, readCloudLogin } from './cloud-flags.ts'

/** Making partitions and indexes of a large cloud takes its time, ms. */
const SILENCE = 30 * 60_000

/**
 * Connects as the cloud's administrator, works, closes. No site is needed.
 * @throws ExpectedError of `contract/error-codes/cloud.ts`
 */
export async function withAdministrator<T>(
  context: CommandContext,
  flags: CloudFlags,
  work: (client: CloudConnection['client'], url: ReturnType<typeof parseCloudUrl>) => Promise<T>,
): Promise<T> {
  const login = await readCloudLogin(context, flags)
  const url = parseCloudUrl(login.url)
  const { password, caCertificate: ca } = login
  const caCertificate = ca === null ? null : checkedCa(ca)
  // Whoever types the address of a database in their own network means it.
  const destination = { ...url, password, caCertificate, insideNetwork: true }
  const { interrupt: signal } = context
  const connection = await openCloudConnection(destination, {
    name: 'administrator',
    signal,
    silence: SILENCE,
  })
  try {
    return await work(connection.client, url)
  } catch (error) {
    signal.throwIfAborted()
    if (error instanceof ExpectedError) throw error
    const failure = connection.failureOf(error, 'working')
    // These two are worded for sites.
    if (failure.code !== 'cloud_role_lacks_rights' && failure.code !== 'cloud_schema_missing') throw failure
    const { message: cause } = error as Error
    if (failure.code === 'cloud_schema_missing') throw failure
    throw new ExpectedError('cloud_admin_lacks_rights', { username: url.username, cause }, { cause: error })
  } finally {
    await connection.close()
  }
}
