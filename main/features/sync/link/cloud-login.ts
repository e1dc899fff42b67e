import { ExpectedError } from '#contract/errors.ts'
import type { CloudAddress, CloudLogin } from '#contract/model/cloud.ts'
import type { SiteDb, SiteTrx } from '#platform/db/site-db.ts'
import { uuid7 } from '#platform/ids/uuid7.ts'
import { checkedCa } from '#platform/postgres/ca-certificate.ts'
import type { CloudDestination } from '#platform/postgres/cloud-destination.ts'
import { parseCloudUrl } from '#platform/postgres/cloud-url.ts'
import type { Sealer } from '#platform/secrets/sealing.ts'
import * as repository from './link.repository.ts'

const PURPOSE = 'cloud'

/**
 * What a person gave, read and checked; nothing is called.
 * @throws ExpectedError `cloud_url_invalid`, `cloud_ca_invalid`
 */
export function destinationOf({ url, password, caCertificate, insideNetwork }: CloudLogin): CloudDestination {
  return {
    ...parseCloudUrl(url),
    password,
    caCertificate: caCertificate === null || caCertificate.trim() === '' ? null : checkedCa(caCertificate),
    insideNetwork,
  }
}

/** What may be shown of it. */
export function addressOf(
  destination: Omit<CloudDestination, 'password'> | repository.LinkRow,
): CloudAddress {
  const { host, port, database, username, caCertificate, insideNetwork } = destination
  return { host, port, database, username, caCertificate, insideNetwork: Boolean(insideNetwork) }
}

/** The columns of the link that say where the cloud is; the password is sealed beside them. */
export async function sealLogin(
  trx: SiteTrx,
  { destination, sealer, now }: { destination: CloudDestination; sealer: Sealer; now: number },
) {
  const { password, ...address } = destination
  const id = uuid7(now)
  const box = sealer.seal(PURPOSE, id, Buffer.from(password))
  await repository.insertSealed(trx, { id, purpose: PURPOSE, box, createdAt: now })
  return {
    ...address,
    insideNetwork: address.insideNetwork ? (1 as const) : (0 as const),
    sealedSecretId: id,
  }
}

/** Where the link goes. @throws ExpectedError `data_damaged` */
export async function destinationOfLink(
  db: SiteDb,
  link: repository.LinkRow,
  sealer: Sealer,
): Promise<CloudDestination> {
  const box = await repository.sealedBox(db, link.sealedSecretId)
  if (box === undefined)
    throw new ExpectedError('data_damaged', { file: 'Sealed secret of the cloud', cause: 'it is gone' })
  return { ...addressOf(link), password: sealer.open(PURPOSE, link.sealedSecretId, box).toString() }
}
