import { buffer } from 'node:stream/consumers'
import { ZipFile } from 'yazl'
import { ExpectedError } from '#contract/errors.ts'
import { seesGateway, type TenantScope } from '#features/access/index.ts'
import { AuditDraft, type AuditService } from '#features/audit/index.ts'
import { type FleetService, gatewaysRepository } from '#features/fleet/index.ts'
import type { Handover, Pki } from '#features/pki/index.ts'
import type { Clock } from '#platform/clock/clock.ts'
import type { SiteDb } from '#platform/db/site-db.ts'
import type { CredentialsService } from '../credentials.service.ts'
import type { BatchOutcome } from './batch-import.job.ts'
import { type ReportedGateway, reportCsv } from './batch-report.ts'

export interface BatchHandoverDependencies {
  db: SiteDb
  clock: Clock
  audit: AuditService
  fleet: FleetService
  pki: Pki
  credentials: CredentialsService
}

/** Rows of one statement, and keys that are opened in one transaction. */
const CHUNK = 100

export type WaitingGateway = Awaited<ReturnType<typeof gatewaysOf>>[number]

/** The gateways of a batch that the scope sees now, by id, with what waits of them. */
export async function seenGateways(
  { db, clock }: Pick<BatchHandoverDependencies, 'db' | 'clock'>,
  scope: TenantScope,
  rows: readonly BatchOutcome[],
): Promise<Map<string, WaitingGateway>> {
  const ids = [...new Set(rows.flatMap(({ gatewayId }) => gatewayId ?? []))]
  const seen = new Map<string, WaitingGateway>()
  for (let at = 0; at < ids.length; at += CHUNK)
    for (const gateway of await gatewaysOf(db, ids.slice(at, at + CHUNK), clock.now()))
      if (seesGateway(scope, gateway)) seen.set(gateway.id, gateway)
  return seen
}

function gatewaysOf(db: SiteDb, ids: string[], now: number) {
  return db
    .selectFrom('gateways')
    .leftJoin('handovers', (join) =>
      join
        .onRef('handovers.gatewayId', '=', 'gateways.id')
        .on('handovers.endedAt', 'is', null)
        .on('handovers.expiresAt', '>', now),
    )
    .select([
      'gateways.id',
      'gateways.tenantId',
      'gateways.groupId',
      'gateways.ownerUserId',
      'gateways.label',
    ])
    .select(['gateways.code', 'handovers.credentialId', 'handovers.fetchCount'])
    .where('gateways.id', 'in', ids)
    .where('gateways.deletedAt', 'is', null)
    .execute()
}

/**
 * One ZIP of the ZIPs of all gateways whose keys still wait, with what else there is. It is made of the sealed keys for this
 * answer, and kept nowhere; each key that is opened has its entry in the audit.
 *
 * @throws ExpectedError `import_credentials_gone`
 */
export async function zipAll(
  dependencies: BatchHandoverDependencies,
  rows: readonly BatchOutcome[],
  seen: ReadonlyMap<string, WaitingGateway>,
  { audit, extras }: { audit: AuditDraft; extras: { name: string; bytes: Uint8Array }[] },
): Promise<Buffer> {
  const { credentials, clock } = dependencies
  const waiting = [...seen.values()].filter(({ credentialId }) => credentialId !== null)
  const zip = new ZipFile()
  const whole = buffer(zip.outputStream)
  const mtime = new Date(clock.now())
  const mode = 0o100600
  const reported = new Map<string, ReportedGateway>(
    [...seen.values()].map(({ id, label }) => [id, { label, file: null }]),
  )
  let count = 0
  for (let at = 0; at < waiting.length; at += CHUNK)
    for (const { gateway, handover } of await openSome(dependencies, waiting.slice(at, at + CHUNK), audit)) {
      const { name, bytes } = await credentials.bundle(gateway, handover)
      // A ZIP does not get smaller in a ZIP.
      zip.addBuffer(bytes, name, { mtime, mode, compress: false })
      reported.set(gateway.id, { label: gateway.label, file: name })
      count += 1
    }
  zip.addBuffer(Buffer.from(reportCsv(rows, reported)), 'report.csv', { mtime, mode })
  for (const { name, bytes } of extras) zip.addBuffer(Buffer.from(bytes), name, { mtime, mode })
  zip.end()
  const bytes = await whole
  if (count === 0) throw new ExpectedError('import_credentials_gone')
  audit.details = { ...audit.details, gateways: count }
  return bytes
}

async function openSome(
  { db, clock, pki, audit: log }: BatchHandoverDependencies,
  gateways: readonly WaitingGateway[],
  { subject }: AuditDraft,
): Promise<{ gateway: gatewaysRepository.GatewayRow; handover: Handover }[]> {
  return db.transaction().execute(async (trx) => {
    const opened = []
    for (const { id } of gateways) {
      const gateway = await gatewaysRepository.gatewayById(trx, { all: true }, id)
      const handover = await pki.openHandover(trx, id, clock.now()).catch(unlessGone)
      if (!gateway || handover === null) continue
      const draft = new AuditDraft({ ...subject, action: 'certificate.handover' })
      const serial = handover.kind === 'key' ? { serial: handover.serial } : {}
      const details = { code: gateway.code, ...serial, fetch: handover.fetchCount, keyFetched: true }
      await log.recordIn(trx, draft.about('gateway', id, gateway.tenantId, details))
      opened.push({ gateway, handover })
    }
    return opened
  })
}

/** Between the look and the opening its session may have begun. */
function unlessGone(error: unknown): null {
  if (error instanceof ExpectedError && (error.code === 'credential_gone' || error.code === 'not_found'))
    return null
  throw error
}

/** The receiver has them: those that were fetched are erased for good. @returns how many */
export async function confirmAll(
  { db, clock, fleet, pki, audit: log }: BatchHandoverDependencies,
  seen: ReadonlyMap<string, WaitingGateway>,
  { subject }: AuditDraft,
): Promise<number> {
  const fetched = [...seen.values()].filter(({ fetchCount }) => (fetchCount ?? 0) > 0)
  const ended: string[] = []
  for (let at = 0; at < fetched.length; at += CHUNK)
    await db.transaction().execute(async (trx) => {
      for (const { id, tenantId, code, credentialId } of fetched.slice(at, at + CHUNK)) {
        if (credentialId === null || !(await pki.endHandover(trx, credentialId, 'received', clock.now())))
          continue
        const draft = new AuditDraft({ ...subject, action: 'certificate.received' })
        await log.recordIn(trx, draft.about('gateway', id, tenantId, { code }))
        ended.push(id)
      }
    })
  if (ended.length > 0) await pki.eraseTrail()
  for (const id of ended) await fleet.refresh(id)
  return ended.length
}
