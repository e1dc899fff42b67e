import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { openSiteDb, type SiteDb } from '#platform/db/site-db.ts'
import { Sealer } from '#platform/secrets/sealing.ts'
import { SiteKey } from '#platform/secrets/site-key.ts'
import type { Handover, KeyHandover } from './handovers.ts'
import { Pki, type PkiOptions } from './pki.service.ts'

export const now = Date.UTC(2026, 5, 1, 12)
export const mac = 'aa:bb:cc:dd:ee:01'

/** A site for tests: real store, real signing thread, in a folder of its own. */
export interface TestSite {
  dir: string
  storeFile: string
  db: SiteDb
  sealer: Sealer
  pki: Pki
  /** A row in `gateways`; its id. */
  addGateway(code: string, mac?: string | null): Promise<string>
  /** Makes and stores a certificate, opens the hand-over once. */
  enroll(
    gatewayId: string,
    options?: { mac?: string | null; keyAlgorithm?: 'ec' | 'rsa'; at?: number },
  ): Promise<KeyHandover>
  /** Writes a file into the folder; its path. */
  file(name: string, content: string | Uint8Array): Promise<string>
  remove(): Promise<void>
}

export async function makeSite(
  options: Partial<PkiOptions> & { names?: string[]; bare?: boolean } = {},
): Promise<TestSite> {
  const dir = await mkdtemp(join(tmpdir(), 'millwright-pki-'))
  const storeFile = join(dir, 'site.sqlite')
  const db = await openSiteDb(storeFile)
  const sealer = new Sealer(new SiteKey(randomBytes(32)))
  const pki = new Pki({ db, sealer, ...options })
  await pki.start(now)
  await db
    .insertInto('tenants')
    .values({ id: 't', slug: 't', name: 'T', state: 'active', createdAt: now })
    .execute()
  if (!options.bare) {
    const prepared = await pki.prepareAuthorities({
      siteName: 'Plant 1',
      names: options.names ?? ['plant1', '192.168.7.20'],
      now,
    })
    await db.transaction().execute((trx) => pki.storeAuthorities(trx, prepared))
    await pki.refreshCrlIfDue(now)
  }
  const site: TestSite = {
    dir,
    storeFile,
    db,
    sealer,
    pki,
    async addGateway(code, gatewayMac = null) {
      const id = crypto.randomUUID()
      await db
        .insertInto('gateways')
        .values({ ...emptyGateway, id, code, label: code, name: code, mac: gatewayMac })
        .execute()
      return id
    },
    async enroll(gatewayId, { mac: gatewayMac = null, keyAlgorithm = 'ec', at = now } = {}) {
      const prepared = await pki.prepareGatewayCertificate({
        gatewayId,
        mac: gatewayMac,
        keyAlgorithm,
        now: at,
      })
      return db.transaction().execute(async (trx) => {
        await pki.storeGatewayCertificate(trx, prepared)
        return keyOf(await pki.openHandover(trx, gatewayId, at))
      })
    },
    async file(name, content) {
      const path = join(dir, name)
      await writeFile(path, content)
      return path
    },
    async remove() {
      await pki.stop()
      await db.destroy()
      await rm(dir, { recursive: true, force: true })
    },
  }
  return site
}

/** What waits is the key of a certificate. */
export function keyOf(handover: Handover): KeyHandover {
  if (handover.kind !== 'key') throw new Error('a secret waits')
  return handover
}

const run = promisify(execFile)

/** Runs the real OpenSSL. Its status does not throw: tests look at what it says. */
export async function openssl(...args: string[]): Promise<{ status: number; text: string }> {
  try {
    const { stdout, stderr } = await run('openssl', args, { maxBuffer: 64 * 1024 * 1024 })
    return { status: 0, text: stdout + stderr }
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string }
    return { status: code, text: stdout + stderr }
  }
}

const emptyGateway = {
  tenantId: 't',
  assignmentId: null,
  platform: null,
  hardwareRevision: null,
  firmwareVersion: null,
  maxDevices: 8,
  dialect: 'canonical',
  state: 'claimed',
  metadata: '{}',
  createdAt: now,
  claimedAt: now,
  activatedAt: null,
  lastSeenAt: null,
  deletedAt: null,
} as const
