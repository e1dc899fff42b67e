import { join } from 'node:path'
import { ExpectedError } from '#contract/errors.ts'
import { createProcedures, type Procedures } from '#features/access/index.ts'
import { AuditService } from '#features/audit/index.ts'
import { IdentityService, PasswordHashes } from '#features/identity/index.ts'
import { SetupService, SiteService } from '#features/site/index.ts'
import { TenantsService } from '#features/tenants/index.ts'
import { type Clock, systemClock } from '#platform/clock/clock.ts'
import { openSiteDb, type SiteDb } from '#platform/db/site-db.ts'
import type { Log } from '#platform/log/log.ts'
import type { EngineOptions } from './engine.ts'
import { SiteSecrets } from './site-secrets.ts'

/** What is there before a site is set up, and stays. */
export interface EngineCore {
  dataDir: string
  db: SiteDb
  clock: Clock
  log: Log
  secrets: SiteSecrets
  audit: AuditService
  tenants: TenantsService
  identity: IdentityService
  site: SiteService
  setup: SetupService
  procedures: Procedures
  version: string
  demo: boolean
}

/** What setting up asks of the engine. */
export interface SetupHooks {
  prepareAuthorities: ConstructorParameters<typeof SetupService>[0]['prepareAuthorities']
  onSetUp(): Promise<void>
  onNamesChanged(): Promise<void>
}

/** Opens the store and binds people, audit and set-up to it. @throws ExpectedError `data_damaged`, `data_from_newer_version` */
export async function openCore(
  options: EngineOptions,
  { log, version }: { log: Log; version: string },
  hooks: SetupHooks,
): Promise<EngineCore> {
  const { dataDir, clock = systemClock, siteKey = {}, addresses, ports, demo = false } = options
  const db = await openStore(join(dataDir, 'site.sqlite'))
  const secrets = new SiteSecrets(dataDir, siteKey)
  const audit = new AuditService(db, clock, secrets.auditKey)
  const tenants = new TenantsService(db, clock)
  const identity = new IdentityService({ db, clock, log, audit, hashes: new PasswordHashes(secrets.pepper) })
  const site = new SiteService({
    db,
    clock,
    audit,
    tenants,
    dataDir,
    version,
    demo,
    overrides: { ...(addresses && { addresses }), ...(ports && { ports }) },
    onNamesChanged: () => hooks.onNamesChanged(),
  })
  const setup = new SetupService({
    db,
    clock,
    log,
    audit,
    identity,
    tenants,
    site,
    createSiteKey: () => secrets.create(clock.now()),
    prepareAuthorities: hooks.prepareAuthorities,
    onSetUp: hooks.onSetUp,
  })
  await site.start()
  const procedures = createProcedures({ audit, clock, isSetUp: () => site.isSetUp(), log })
  return {
    dataDir,
    db,
    clock,
    log,
    secrets,
    audit,
    tenants,
    identity,
    site,
    setup,
    procedures,
    version,
    demo,
  }
}

async function openStore(file: string): Promise<SiteDb> {
  try {
    return await openSiteDb(file)
  } catch (error) {
    const { code, message } = error as { code?: string; message: string }
    if (code !== 'SQLITE_NOTADB' && code !== 'SQLITE_CORRUPT') throw error
    throw new ExpectedError('data_damaged', { file, cause: message }, { cause: error })
  }
}
