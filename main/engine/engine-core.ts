import { join } from 'node:path'
import { ExpectedError } from '#contract/errors.ts'
import {
  auditActor,
  CallLimits,
  createProcedures,
  localSiteAdmin,
  type Procedures,
} from '#features/access/index.ts'
import { ApiKeysService } from '#features/api-keys/index.ts'
import { AuditDraft, AuditService } from '#features/audit/index.ts'
import {
  ActorLookup,
  IdentityService,
  PasswordHashes,
  SecondFactors,
  SignInSettingsService,
  TokensService,
} from '#features/identity/index.ts'
import { SetupService, SiteService } from '#features/site/index.ts'
import { TenantsService } from '#features/tenants/index.ts'
import { type Clock, systemClock } from '#platform/clock/clock.ts'
import { openSiteDb, type SiteDb } from '#platform/db/site-db.ts'
import type { Log } from '#platform/log/log.ts'
import { auditHeadFile } from './audit-services.ts'
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
  hashes: PasswordHashes
  secondFactors: SecondFactors
  signIn: SignInSettingsService
  tokens: TokensService
  apiKeys: ApiKeysService
  calls: CallLimits
  site: SiteService
  setup: SetupService
  procedures: Procedures
  version: string
  demo: boolean
  /** ms; null: as long as it should be. */
  deletionGrace: number | null
  installUdevRule: (() => Promise<{ installed: boolean; command: string | null }>) | null
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
  const db = await openStore(join(dataDir, 'site.sqlite'), clock)
  const secrets = new SiteSecrets(dataDir, siteKey)
  const audit = new AuditService(db, clock, secrets.auditKey, { file: auditHeadFile(dataDir), log })
  const tenants = new TenantsService(db, clock)
  const actors = new ActorLookup({ db, tenants })
  const hashes = new PasswordHashes(secrets.pepper)
  const signIn = new SignInSettingsService({ db, audit })
  const secondFactors: SecondFactors = new SecondFactors({
    db,
    clock,
    sealer: () => secrets.sealer(),
    siteName: () => site.name() ?? '',
  })
  const identity = new IdentityService({
    db,
    clock,
    log,
    audit,
    actors,
    hashes,
    secondFactors,
    lockAfter: signIn.lockAfter,
  })
  const tokens = new TokensService({ db, clock, audit, identity, actors, tenants, key: secrets.tokenKey })
  const calls = new CallLimits()
  const apiKeys = new ApiKeysService({ db, clock, log, audit, tenants, actors })
  const site: SiteService = new SiteService({
    db,
    clock,
    audit,
    tenants,
    calls,
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
  await tenants.loadGroups()
  await site.start()
  await signIn.start()
  const procedures = createProcedures({ audit, calls, isSetUp: () => site.isSetUp(), log })
  return {
    dataDir,
    db,
    clock,
    log,
    secrets,
    audit,
    tenants,
    identity,
    hashes,
    secondFactors,
    signIn,
    tokens,
    apiKeys,
    calls,
    site,
    setup,
    procedures,
    version,
    demo,
    deletionGrace: options.deletionGrace ?? null,
    installUdevRule: options.installUdevRule ?? null,
  }
}

async function openStore(file: string, clock: Clock): Promise<SiteDb> {
  try {
    return await openSiteDb(file, clock)
  } catch (error) {
    const { code, message } = error as { code?: string; message: string }
    if (code !== 'SQLITE_NOTADB' && code !== 'SQLITE_CORRUPT') throw error
    throw new ExpectedError('data_damaged', { file, cause: message }, { cause: error })
  }
}

/** What the site does by itself is done as its local administrator. */
export function localDraft(action: string): AuditDraft {
  return new AuditDraft({ actor: auditActor(localSiteAdmin), action, address: 'local', requestId: null })
}
