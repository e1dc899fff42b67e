import { stat } from 'node:fs/promises'
import type { FirmwareBundle, FirmwareBundleDetails } from '#contract/api/firmware.ts'
import { ExpectedError } from '#contract/errors.ts'
import type { ChipFamily } from '#contract/model/board.ts'
import type { BundleBuild, BundleFacts } from '#contract/model/bundle.ts'
import { UPLOAD_PART } from '#contract/model/telemetry-file.ts'
import { type TenantScope, wholeTenant } from '#features/access/index.ts'
import type { AuditDraft, AuditService } from '#features/audit/index.ts'
import type { TenantsService } from '#features/tenants/index.ts'
import type { Clock } from '#platform/clock/clock.ts'
import type { SiteDb, SiteTrx } from '#platform/db/site-db.ts'
import { oneAtATime } from '#platform/events/one-at-a-time.ts'
import { uuid7 } from '#platform/ids/uuid7.ts'
import type { BundleReader } from './bundle-reader.ts'
import { abilitiesOf, buildsOf, detailsOf, hashesOf, summaryOf } from './bundle-view.ts'
import { type BundleZip, bundleZip } from './bundle-zip.ts'
import * as repository from './bundles.repository.ts'
import { keepNvs, type OpenedPart } from './keep-nvs.ts'
import type { PartFiles } from './part-files.ts'
import { isSignedOnly, listPublishers } from './publishers.repository.ts'
import { requireRevision } from './revision.ts'

export interface BundlesDependencies {
  db: SiteDb
  clock: Clock
  audit: AuditService
  tenants: TenantsService
  files: PartFiles
  reader: BundleReader
}

/** Of one tenant, or of the site. */
const MOST_BUNDLES = 500
/** ms. Reading a bundle takes a second or two, a large one on a memory card minutes; one that takes longer is meant to. */
const readWithin = (bytes: number): number => Math.ceil(60_000 + bytes / 500)

const everything: TenantScope = { all: true }

/** A bundle as boards are flashed with it. */
export interface OpenedBundle {
  name: string
  version: string
  kind: BundleFacts['kind']
  /** SHA-256 of the bundle, lower-case hex. */
  hash: string
  /** For records: `signed by Acme`, `unsigned`, `signed by an unknown publisher (7a1f…)`. */
  signature: string
  /** What the NVS partition holds is left out. */
  parts: OpenedPart[]
  partitions: BundleBuild['partitions']
  /** `isEncrypted`: the firmware expects what is there encrypted under the keys of its board. */
  nvs: { label: string; offset: number; size: number; isEncrypted: boolean } | null
  makesKeys: boolean
  improv: boolean
  /** Runs on simulated boards only. */
  isSimulated: boolean
}

/** Firmware bundles of the site and of its tenants: what boards are flashed with. */
export class BundlesService {
  readonly #dependencies: BundlesDependencies
  /** Files are shared by bundles: nothing is deleted while something is imported. */
  readonly #inTurn = oneAtATime()

  constructor(dependencies: BundlesDependencies) {
    this.#dependencies = dependencies
  }

  /** Throws out files that belong to no bundle. */
  async start(): Promise<void> {
    const { db, files } = this.#dependencies
    await files.start(await filesNeeded(db))
  }

  /** @throws ExpectedError `tenant_unknown` */
  async list(scope: TenantScope, tenant: string | undefined): Promise<FirmwareBundle[]> {
    const { db, tenants } = this.#dependencies
    const tenantId = tenant === undefined ? null : (await tenants.resolve(scope, tenant)).id
    const seen = await this.#seen(scope, tenantId)
    const rows = await repository.listBundles(db, scope, tenantId)
    return rows.map((row) => summaryOf(detailsOf(row, seen)))
  }

  /** @throws ExpectedError `not_found` */
  async show(scope: TenantScope, id: string): Promise<FirmwareBundleDetails> {
    return detailsOf(await this.#find(scope, id), await this.#seen(scope, null))
  }

  /** As it is flashed: how often it was used is not counted. */
  async #plain(scope: TenantScope, id: string): Promise<FirmwareBundleDetails> {
    const publishers = await listPublishers(this.#dependencies.db, scope, null)
    const looking = scope.all ? null : scope.tenantId
    return detailsOf(await this.#find(scope, id), { publishers, uses: new Map(), looking })
  }

  /**
   * Takes a ZIP into the catalogue: of `tenant`, or of all of the site where a person of the site names none.
   *
   * @throws ExpectedError `tenant_unknown`, `bundle_known`, `bundle_too_slow`, `too_many_bundles`, `job_disk_full`, and all
   *   that `BundleReader` refuses
   */
  async import(
    scope: TenantScope,
    { file, fileName, tenant }: { file: string; fileName: string; tenant: string | undefined },
    audit: AuditDraft,
  ): Promise<FirmwareBundleDetails> {
    const { tenants } = this.#dependencies
    const tenantId = tenant === undefined && scope.all ? null : (await tenants.resolve(scope, tenant)).id
    audit.about('firmware', 'new', tenantId, { fileName })
    const id = await this.#inTurn(() => this.#import(tenantId, file, audit))
    return this.show(scope, id)
  }

  async #import(tenantId: string | null, file: string, audit: AuditDraft): Promise<string> {
    const { db, clock, files, reader, audit: log } = this.#dependencies
    const put: string[] = []
    const store = {
      put: async (content: AsyncIterable<Uint8Array>) => {
        const found = await files.put(content)
        put.push(found.sha256)
        return found
      },
      bytes: (sha256: string) => files.bytes(sha256),
    }
    try {
      await files.requireRoom(0)
      const within = readWithin((await stat(file)).size)
      const signal = AbortSignal.timeout(within)
      const read = reader.read(file, { store, signal }).catch((error: unknown) => {
        if (!signal.aborted || error !== signal.reason) throw error
        throw new ExpectedError('bundle_too_slow', { seconds: Math.round(within / 1000) }, { cause: error })
      })
      const { facts, manifest, signature } = await read
      const now = clock.now()
      const id = uuid7(now)
      const { name, version, kind, size, contentHash: hash, signer } = facts
      await db.transaction().execute(async (trx) => {
        const known = await repository.bundleWithHash(trx, { hash, tenantId })
        if (known) throw new ExpectedError('bundle_known', { name, version })
        if ((await repository.countBundles(trx, tenantId)) >= MOST_BUNDLES)
          throw new ExpectedError('too_many_bundles', { limit: MOST_BUNDLES })
        await repository.insertBundle(trx, {
          id,
          tenantId,
          name,
          version,
          kind,
          builds: JSON.stringify(facts.builds),
          abilities: JSON.stringify(abilitiesOf(facts)),
          manifest,
          hash,
          size,
          publicKey: signer,
          signature: signature === null ? null : Buffer.from(signature).toString('utf8'),
          importedAt: now,
          importedByName: audit.subject.actor.name,
        })
        const after = { name, version, hash, signer, chips: facts.builds.map(({ chip }) => chip) }
        await log.recordIn(trx, audit.about('firmware', id, tenantId, { ...audit.details, after }))
      })
      return id
    } catch (error) {
      await this.#removeUnneeded(put)
      throw error
    }
  }

  /** @throws ExpectedError `not_found`, `forbidden_reach` of one of the site, `bundle_in_use` */
  async remove(scope: TenantScope, id: string, audit: AuditDraft): Promise<void> {
    const found = await this.#find(scope, id)
    const { name, version, hash, tenantId } = found
    audit.about('firmware', id, tenantId, { before: { name, version, hash } })
    if (tenantId === null && !scope.all) throw new ExpectedError('forbidden_reach')
    const { db, audit: log } = this.#dependencies
    await this.#inTurn(async () => {
      await db.transaction().execute(async (trx) => {
        const runs = (await repository.usesOfBundles(trx, everything)).get(id)?.open ?? 0
        if (runs > 0) throw new ExpectedError('bundle_in_use', { name, version, runs })
        await repository.deleteBundle(trx, id)
        await log.recordIn(trx, audit)
      })
      await this.#removeUnneeded(hashesOf(buildsOf(found)))
    })
  }

  /** A tenant is to go: its bundles, and what no other bundle has of their files. */
  async forgetTenant(tenantId: string): Promise<void> {
    const { db } = this.#dependencies
    await this.#inTurn(async () => {
      const gone = await db.transaction().execute((trx) => repository.deleteBundlesOf(trx, tenantId))
      await this.#removeUnneeded(gone.flatMap((row) => [...hashesOf(buildsOf(row))]))
    })
  }

  /** In the transaction of what is to use it: since it was chosen it may have been removed. @throws ExpectedError `not_found` */
  async requireIn(trx: SiteTrx, tenantId: string, id: string): Promise<void> {
    const found = await repository.findBundle(trx, wholeTenant(tenantId), id)
    if (found === undefined) throw new ExpectedError('not_found', { what: 'firmware bundle', id })
  }

  /** The bundle as it was imported, byte for byte where it is signed, as a ZIP. @throws ExpectedError `not_found` */
  async zip(scope: TenantScope, id: string, audit: AuditDraft): Promise<BundleZip> {
    const found = await this.#find(scope, id)
    const { name, version, hash, tenantId } = found
    audit.about('firmware', id, tenantId, { name, version, hash })
    return bundleZip(found, buildsOf(found), this.#dependencies.files)
  }

  /**
   * The next bytes of a file of it, for who takes it along piece by piece; empty at its end. The manifest is what everybody
   * begins with: that is recorded.
   *
   * @throws ExpectedError `not_found`, `data_damaged`
   */
  async filePart(
    scope: TenantScope,
    { bundleId, path, offset }: { bundleId: string; path: string; offset: number },
    audit: AuditDraft,
  ): Promise<Uint8Array> {
    const { files, audit: log } = this.#dependencies
    const found = await this.#find(scope, bundleId)
    const { name, version, hash, tenantId, manifest, signature } = found
    if (path === 'manifest.json' && offset === 0) {
      audit.subject = { ...audit.subject, action: 'firmware.download' }
      await log.record(audit.about('firmware', bundleId, tenantId, { name, version, hash }), 'done')
    }
    if (path === 'manifest.json') return manifest.subarray(offset, offset + UPLOAD_PART)
    if (path === 'signature.json' && signature !== null)
      return Buffer.from(signature).subarray(offset, offset + UPLOAD_PART)
    const part = buildsOf(found)
      .flatMap(({ parts }) => parts)
      .find((one) => one.path === path)
    if (part === undefined) throw new ExpectedError('not_found', { what: 'file', id: path })
    return files.piece(part.sha256, { offset, length: UPLOAD_PART })
  }

  /**
   * Whether a tenant may flash it now, for whoever chooses one.
   * @throws ExpectedError `not_found`, `bundle_unsigned`, `bundle_publisher_untrusted`
   */
  async choose(tenantId: string, id: string): Promise<FirmwareBundleDetails> {
    const { db, tenants } = this.#dependencies
    const scope: TenantScope = { all: false, tenantId, within: null }
    const bundle = await this.#plain(scope, id)
    if (bundle.trust === 'signed' || !(await isSignedOnly(db, tenantId))) return bundle
    const { name, version, signer } = bundle
    const { name: tenant } = await tenants.resolve(scope, tenantId)
    if (signer === null) throw new ExpectedError('bundle_unsigned', { name, version, tenant })
    throw new ExpectedError('bundle_publisher_untrusted', {
      name,
      version,
      tenant,
      key: short(signer.fingerprint),
    })
  }

  /**
   * Everything that is written to a board of this chip. With `tenantId` it is checked again that the tenant may flash it.
   *
   * @param revision of the chip, `3.1`; null where it is not known
   * @throws ExpectedError `not_found`, `bundle_lacks_chip`, `data_damaged`, those of `choose`
   */
  async open(
    id: string,
    chip: ChipFamily,
    revision: string | null,
    tenantId?: string,
  ): Promise<OpenedBundle> {
    const { files } = this.#dependencies
    const bundle = await (tenantId === undefined ? this.#plain(everything, id) : this.choose(tenantId, id))
    const { name, version, kind, hash, makesKeys, improv, isSimulated } = bundle
    const build = bundle.builds.find((one) => one.chip === chip)
    if (build === undefined)
      throw new ExpectedError('bundle_lacks_chip', { name, version, chip, chips: bundle.chips.join(', ') })
    requireRevision(bundle, build, revision)
    const parts: OpenedPart[] = []
    for (const part of build.parts) {
      const { name: partName, offset, sha256 } = part
      parts.push({ name: partName, offset, sha256, bytes: await files.bytes(sha256) })
    }
    return {
      name,
      version,
      kind,
      hash,
      signature: signatureText(bundle),
      parts: keepNvs(parts, build.nvs),
      partitions: build.partitions,
      nvs: build.nvs === null ? null : { ...build.nvs, isEncrypted: encryptsNvs(build) },
      makesKeys,
      improv,
      isSimulated,
    }
  }

  async #find(scope: TenantScope, id: string): Promise<repository.BundleRow> {
    const found = await repository.findBundle(this.#dependencies.db, scope, id)
    if (found === undefined) throw new ExpectedError('not_found', { what: 'firmware bundle', id })
    return found
  }

  async #seen(scope: TenantScope, tenantId: string | null) {
    const { db } = this.#dependencies
    return {
      publishers: await listPublishers(db, scope, null),
      uses: await repository.usesOfBundles(db, scope),
      looking: tenantId ?? (scope.all ? null : scope.tenantId),
    }
  }

  async #removeUnneeded(hashes: Iterable<string>): Promise<void> {
    const { db, files } = this.#dependencies
    const needed = await filesNeeded(db)
    await files.remove([...new Set(hashes)].filter((hash) => !needed.has(hash)))
  }
}

async function filesNeeded(db: SiteDb | SiteTrx): Promise<Set<string>> {
  const needed = new Set<string>()
  for (const builds of await repository.allBuilds(db))
    for (const hash of hashesOf(buildsOf({ builds }))) needed.add(hash)
  return needed
}

/** ESP-IDF keeps the keys of NVS in a partition of their own (data, subtype 4); the row of NVS itself need say nothing. */
const NVS_KEYS = { type: 1, subtype: 4 }

function encryptsNvs({ partitions, nvs }: BundleBuild): boolean {
  return partitions.some(
    ({ label, type, subtype, isEncrypted }) =>
      (label === nvs?.label && isEncrypted) || (type === NVS_KEYS.type && subtype === NVS_KEYS.subtype),
  )
}

/** As records name a signature. */
function signatureText({ publisher, signer }: FirmwareBundle): string {
  if (publisher !== null) return `signed by ${publisher.name}`
  return signer === null ? 'unsigned' : `signed by an unknown publisher (${short(signer.fingerprint)})`
}

function short(fingerprint: string): string {
  return fingerprint.slice(0, 16)
}
