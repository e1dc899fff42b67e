import { ExpectedError } from '#contract/errors.ts'
import type { BoardInfo, FlashedRegion } from '#contract/model/board.ts'
import type { FlashJob, ReadingCheck } from '#contract/model/flash.ts'
import type { TenantScope } from '#features/access/index.ts'
import type { FleetService } from '#features/fleet/index.ts'
import type { Clock } from '#platform/clock/clock.ts'
import type { SiteDb } from '#platform/db/site-db.ts'
import { uuid7 } from '#platform/ids/uuid7.ts'
import { type BirthRecordKey, birthRecordKey, canonicalJson, signRecord } from './birth-record.ts'
import { insertRecord, recordOfGateway } from './birth-records.repository.ts'
import type { FlashJobRow } from './flash-jobs.repository.ts'
import type { FlashedFirmware } from './flashed-firmware.ts'

export interface BirthRecordsDependencies {
  db: SiteDb
  clock: Clock
  fleet: Pick<FleetService, 'find'>
  /** Derived from the site key. */
  seed(): Uint8Array
  siteName(): string
}

/** What a run knows of the birth of its gateways. */
export interface BirthOf {
  run: { id: string; name: string; check: ReadingCheck | null; bundle: string } | null
  tenant: { id: string; name: string }
}

/** How gateways came to be, signed so that it holds outside of the site too. */
export class BirthRecords {
  readonly #dependencies: BirthRecordsDependencies
  #key: BirthRecordKey | null = null

  constructor(dependencies: BirthRecordsDependencies) {
    this.#dependencies = dependencies
  }

  /** Signs the record of a job that passed; one that has a record keeps it. */
  async sign(job: FlashJobRow, of: BirthOf): Promise<void> {
    const { db, clock, fleet, siteName } = this.#dependencies
    if (job.gatewayId === null) return
    const gateway = await fleet.find({ all: true }, { gateway: job.gatewayId })
    const key = this.#signingKey()
    const createdAt = clock.now()
    const record = canonicalJson({
      version: 1,
      site: siteName(),
      gateway: {
        id: gateway.id,
        code: gateway.code,
        name: gateway.name,
        label: gateway.label,
        mac: gateway.mac,
        flashedAgain: job.again === 1,
      },
      tenant: { id: of.tenant.id, name: of.tenant.name },
      run: of.run && { id: of.run.id, name: of.run.name },
      job: { id: job.id, attempt: job.attempt },
      who: job.startedByName,
      when: {
        started: iso(job.startedAt),
        flashed: iso(job.committedAt),
        firstContact: iso(job.contactAt),
        firstReading: iso(readingOf(job)?.at ?? null),
        signed: iso(createdAt),
      },
      ...flashedOf(job),
      certificate:
        job.serial === null
          ? null
          : { serial: job.serial, fingerprint: job.fingerprint, notAfter: iso(gateway.notAfter) },
      credential: gateway.credential,
      tests: testsOf(job, of.run?.check ?? null),
    })
    const row = {
      id: uuid7(createdAt),
      jobId: job.id,
      gatewayId: gateway.id,
      tenantId: job.tenantId,
      record,
      signature: signRecord(record, key),
      keyId: key.keyId,
      createdAt,
    }
    await db.transaction().execute((trx) => insertRecord(trx, row))
  }

  /** @throws ExpectedError `not_found` */
  async show(scope: TenantScope, reference: { gateway: string; tenant?: string | undefined }) {
    const { db, fleet } = this.#dependencies
    const { id: gatewayId, tenantId, code } = await fleet.find(scope, reference)
    const found = await recordOfGateway(db, { gatewayId, tenantId })
    if (!found) throw new ExpectedError('not_found', { what: 'birth record of gateway', id: code })
    const { record, signature, keyId } = found
    return { record, signature, keyId, publicKey: this.#signingKey().publicPem }
  }

  #signingKey(): BirthRecordKey {
    this.#key ??= birthRecordKey(this.#dependencies.seed())
    return this.#key
  }
}

function iso(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString()
}

type StoredReading = Omit<NonNullable<FlashJob['firstReading']>, 'at'> & { at: number }

function readingOf(job: FlashJobRow): StoredReading | null {
  return job.firstReading === null ? null : (JSON.parse(job.firstReading) as StoredReading)
}

/** The board, and what was written into it. */
function flashedOf(job: FlashJobRow) {
  const port = JSON.parse(job.port) as FlashJob['port']
  const board = job.board === null ? null : (JSON.parse(job.board) as BoardInfo)
  const firmware = job.firmware === null ? null : (JSON.parse(job.firmware) as FlashedFirmware)
  const regions = JSON.parse(job.regions) as FlashedRegion[]
  return {
    port: { path: port.path, identity: port.identity, simulated: port.isSimulated },
    board: board && {
      chip: board.chip,
      model: board.model,
      revision: board.revision,
      mac: board.mac,
      flashSize: board.flashSize,
      flashId: board.flashId,
      secureBoot: board.security.secureBoot,
      flashEncryption: board.security.flashEncryption,
    },
    firmware: firmware && {
      name: firmware.name,
      version: firmware.version,
      sha256: firmware.hash,
      signature: firmware.signature,
      keyOnChip: firmware.keyOnChip,
    },
    regions: regions.map(({ name, offset, size, md5, sha256 }) => ({ name, offset, size, md5, sha256 })),
    nvsSha256: regions.find(({ name }) => name === 'nvs')?.sha256 ?? null,
  }
}

function testsOf(job: FlashJobRow, check: ReadingCheck | null) {
  const regions = JSON.parse(job.regions) as FlashedRegion[]
  const reading = readingOf(job)
  return [
    { name: 'flash verified', expected: null, value: `${regions.length} regions`, result: 'passed' },
    { name: 'first contact', expected: null, value: iso(job.contactAt), result: 'passed' },
    {
      name: 'first reading',
      expected: check && { channel: check.channel, least: check.least, most: check.most },
      value: reading && { channel: reading.channel, value: reading.value, unit: reading.unit },
      result: reading?.check ?? 'passed',
    },
  ]
}
