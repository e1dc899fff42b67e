import { X509Certificate } from 'node:crypto'
import { ExpectedError } from '#contract/errors.ts'
import type { SiteDb } from '#platform/db/site-db.ts'
import { oneAtATime } from '#platform/events/one-at-a-time.ts'
import type { Sealer } from '#platform/secrets/sealing.ts'
import { organizationOf } from './authorities.ts'
import { isPermitted, readNameConstraints } from './name-constraints.ts'
import { toPem } from './pem.ts'
import {
  activeCertificate,
  authoritiesOf,
  certificateById,
  eraseTrail,
  insertCertificate,
  sealedKey,
  supersede,
} from './pki.repository.ts'
import {
  type CertificateRow,
  type PreparedCertificate,
  prepareCertificate,
  purposeOf,
} from './prepared-certificate.ts'
import {
  addYears,
  brokerSpec,
  renewAfter,
  succeedBefore,
  temporaryWebSpec,
  webAuthoritySpec,
  webSpec,
} from './profile.ts'
import { namesInCertificate, serverNames } from './server-names.ts'
import type { Signer } from './signer.ts'

/** The identity of the MQTTS and device HTTPS listeners, and whom they trust. */
export interface ServerCredentials {
  /** PEM private key. */
  key: string
  /** PEM leaf and its issuing CA. */
  cert: string
  /** PEM of the device root and the issuing CAs that client certificates must chain to. */
  ca: string
}

/** The UI's HTTPS identity. */
export interface WebCredentials {
  /** PEM private key. */
  key: string
  /** PEM leaf. */
  cert: string
  /** SHA-256 of the leaf, lower-case hex: what the console shows before set-up. */
  fingerprint: string
}

export interface RenewedServers {
  /** What has a new certificate: give it to the listeners. */
  renewed: ('broker' | 'web')[]
  /** Names that the web CA's constraints forbid: the web certificate lacks them until the web CA is replaced. */
  outsideWebAuthority: string[]
}

/** The certificates of the site's own listeners. */
export class ServerCertificates {
  readonly #db: SiteDb
  readonly #tools: { signer: Signer; sealer: Sealer }
  readonly #inTurn = oneAtATime()

  constructor(db: SiteDb, tools: { signer: Signer; sealer: Sealer }) {
    this.#db = db
    this.#tools = tools
  }

  /** For MQTTS and the device HTTPS listener. @throws ExpectedError `setup_required` */
  async serverCredentials(): Promise<ServerCredentials> {
    const leaf = await this.#active('broker')
    const issuer = leaf.issuerId ? await certificateById(this.#db, leaf.issuerId) : undefined
    const root = await this.#active('device_root')
    const issuing = await authoritiesOf(this.#db, 'device_issuing')
    return {
      key: await this.#keyOf(leaf),
      cert: leaf.pem + (issuer?.pem ?? ''),
      ca: root.pem + issuing.map(({ pem }) => pem).join(''),
    }
  }

  /** For the UI's HTTPS listener. @throws ExpectedError `setup_required` */
  async webCredentials(): Promise<WebCredentials> {
    const leaf = await this.#active('web')
    return { key: await this.#keyOf(leaf), cert: leaf.pem, fingerprint: leaf.fingerprint }
  }

  /** For the UI before set-up, when there is no CA: self-signed, 30 days, kept nowhere. */
  async temporaryWebCredentials(names: string[], now: number): Promise<WebCredentials> {
    const { certificate, privateKey } = await this.#tools.signer.issue(
      temporaryWebSpec(serverNames(names), now),
      null,
    )
    const key = toPem('PRIVATE KEY', privateKey)
    privateKey.fill(0)
    const cert = toPem('CERTIFICATE', certificate)
    const fingerprint = new X509Certificate(certificate).fingerprint256.replaceAll(':', '').toLowerCase()
    return { key, cert, fingerprint }
  }

  /**
   * New certificates where the names changed, two thirds of the life have passed, or the issuer was succeeded.
   *
   * @param names host names and addresses the site is served under; `.local` and loopback are added
   * @throws ExpectedError `address_invalid`, `setup_required`
   */
  renew(names: string[], now: number): Promise<RenewedServers> {
    const wanted = serverNames(names)
    return this.#inTurn(async () => {
      await this.#succeedWebAuthority(wanted, now)
      const webCa = await this.#active('web_ca')
      const permitted = readNameConstraints(new Uint8Array(new X509Certificate(webCa.pem).raw))
      const outside = permitted ? wanted.filter((name) => !isPermitted(name, permitted)) : []
      const webNames = wanted.filter((name) => !outside.includes(name))
      const serverCa = await this.#active('server_issuing')

      const renewed: RenewedServers['renewed'] = []
      if (await this.#isDue('broker', wanted, serverCa, now)) {
        await this.#replace(await this.#prepare(brokerSpec(wanted, serverCa, now), serverCa, now))
        renewed.push('broker')
      }
      if (await this.#isDue('web', webNames, webCa, now)) {
        await this.#replace(await this.#prepare(webSpec(webNames, webCa, now), webCa, now))
        renewed.push('web')
      }
      if (renewed.length > 0) await eraseTrail(this.#db)
      return { renewed, outsideWebAuthority: outside }
    })
  }

  /**
   * A new web CA whose constraints take these names in, and a web certificate from it. Everyone who trusts or has
   * pinned the old one must take the new one: a person decides that.
   */
  replaceWebAuthority(names: string[], now: number): Promise<void> {
    return this.#inTurn(() => this.#newWebAuthority(serverNames(names), now))
  }

  async #succeedWebAuthority(names: string[], now: number): Promise<void> {
    const current = await this.#active('web_ca')
    // While its last certificate can still have its full life.
    if (current.notAfter < addYears(now, succeedBefore.web_ca)) await this.#newWebAuthority(names, now)
  }

  async #newWebAuthority(names: string[], now: number): Promise<void> {
    const siteName = organizationOf(await this.#active('web_ca'))
    const authority = await this.#prepare(webAuthoritySpec(siteName, names, now), null, now)
    const leaf = await this.#prepare(webSpec(names, authority.row, now), authority.row, now)
    await this.#replace(authority, leaf)
    await eraseTrail(this.#db)
  }

  async #isDue(
    kind: 'broker' | 'web',
    names: string[],
    issuer: CertificateRow,
    now: number,
  ): Promise<boolean> {
    const current = await activeCertificate(this.#db, kind)
    if (current?.issuerId !== issuer.id) return true
    // From its making, not its backdated start: the broker's starts in 2020.
    const dueAt = current.createdAt + (current.notAfter - current.createdAt) * renewAfter
    const inUse = new Set(namesInCertificate(new X509Certificate(current.pem).subjectAltName))
    return now >= dueAt || inUse.size !== names.length || names.some((name) => !inUse.has(name))
  }

  #prepare(
    spec: Parameters<typeof prepareCertificate>[1],
    issuer: CertificateRow | null,
    now: number,
  ): Promise<PreparedCertificate> {
    return prepareCertificate(this.#tools, spec, { issuerId: issuer?.id ?? null, gatewayId: null, now })
  }

  /** The old keys are deleted with the same transaction. */
  async #replace(...prepared: PreparedCertificate[]): Promise<void> {
    await this.#db.transaction().execute(async (trx) => {
      for (const certificate of prepared) {
        await supersede(trx, certificate.row.kind, true)
        await insertCertificate(trx, certificate)
      }
    })
  }

  async #active(kind: CertificateRow['kind']): Promise<CertificateRow> {
    const row = await activeCertificate(this.#db, kind)
    if (!row) throw new ExpectedError('setup_required')
    return row
  }

  async #keyOf({ id, kind }: CertificateRow): Promise<string> {
    const box = await sealedKey(this.#db, id)
    if (!box)
      throw new ExpectedError('data_damaged', {
        file: 'site store',
        cause: `the key of ${kind} ${id} is missing`,
      })
    const key = this.#tools.sealer.open(purposeOf(kind), id, box)
    const pem = toPem('PRIVATE KEY', key)
    key.fill(0)
    return pem
  }
}
