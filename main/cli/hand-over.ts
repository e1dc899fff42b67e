import type { RestClient } from '#client/rest-client.ts'
import { type OutputFile, openOutputFile } from './files/output-file.ts'

/** The file that a gateway's ZIP goes to: only its owner may read it, for it holds a private key. */
export function openCredentialsFile(path: string, force: boolean): Promise<OutputFile> {
  return openOutputFile(path, { mode: 0o600, overwrite: force })
}

/**
 * Downloads a waiting credential, puts it on disk, and only then confirms, so that the site erases its copy: with
 * the power cut anywhere before, the key still waits at the site.
 *
 * @throws ExpectedError `credential_gone`
 */
export async function receiveCredentials(
  client: RestClient,
  gateway: { gateway: string; tenant?: string },
  file: OutputFile,
): Promise<void> {
  const zip = await client.certificates.credentials(gateway)
  await file.write(new Uint8Array(await zip.arrayBuffer()))
  await file.commit()
  await client.certificates.received(gateway)
}
