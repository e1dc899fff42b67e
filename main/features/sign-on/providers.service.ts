import { isDeepStrictEqual } from 'node:util'
import type { SignOnFindings, SignOnProvider } from '#contract/api/sign-on.ts'
import { ExpectedError } from '#contract/errors.ts'
import type { AuditDraft, AuditService } from '#features/audit/index.ts'
import type { Clock } from '#platform/clock/clock.ts'
import type { SiteDb, SiteTrx } from '#platform/db/site-db.ts'
import { uuid7 } from '#platform/ids/uuid7.ts'
import { originOf } from '#platform/outbound/destination.ts'
import type { Sealer } from '#platform/secrets/sealing.ts'
import { endpointOrigins, type Issuer, type OidcClient } from './oidc-client.ts'
import { type Provider, providerOf } from './provider.ts'
import {
  checkedCa,
  checkedIssuer,
  checkedSettings,
  checkMappings,
  type ProviderSettings,
} from './provider-settings.ts'
import * as repository from './providers.repository.ts'
import type { SignOnAccounts } from './sign-on-accounts.ts'

const MOST = 20
const PURPOSE = 'sign-on-client'

export interface ProvidersDependencies {
  db: SiteDb
  clock: Clock
  audit: AuditService
  sealer(): Sealer
  oidc: OidcClient
  accounts: SignOnAccounts
  /** Where browsers find this site: `https://plant-pc:8443`. */
  origins(): string[]
  sessionEnded(sessionId: string): void
}

/** The providers of a site: what a site administrator sets, with the client's secret sealed. */
export class ProvidersService {
  readonly #dependencies: ProvidersDependencies

  constructor(dependencies: ProvidersDependencies) {
    this.#dependencies = dependencies
  }

  /** What stands on the sign-in page. */
  enabled(): Promise<{ id: string; name: string }[]> {
    return repository.enabledProviders(this.#dependencies.db)
  }

  async list(): Promise<SignOnProvider[]> {
    const rows = await repository.listProviders(this.#dependencies.db)
    return rows.map((row) => this.#view(providerOf(row)))
  }

  /** One that people can sign in with. @throws ExpectedError `sign_on_unknown` */
  async usable(id: string): Promise<Provider> {
    const row = await repository.providerById(this.#dependencies.db, id)
    if (row?.enabled !== 1) throw new ExpectedError('sign_on_unknown')
    return providerOf(row)
  }

  /** @throws ExpectedError `data_damaged` */
  async secretOf({ sealedSecretId }: Provider): Promise<string | null> {
    if (sealedSecretId === null) return null
    const { db, sealer } = this.#dependencies
    const box = await repository.sealedSecret(db, sealedSecretId)
    return box === undefined ? null : sealer().open(PURPOSE, sealedSecretId, box).toString()
  }

  /**
   * @throws ExpectedError `sign_on_name_taken`, `too_many_sign_on_providers`, `outbound_address_invalid`,
   * `outbound_not_listed`, `tenant_unknown`, `not_found`, `input_invalid`
   */
  async create(
    given: ProviderSettings & { clientSecret?: string | null | undefined },
    audit: AuditDraft,
  ): Promise<SignOnProvider> {
    const { db, clock } = this.#dependencies
    const { clientSecret, ...rest } = given
    const settings = checkedSettings(rest)
    const now = clock.now()
    const id = uuid7(now)
    await db.transaction().execute(async (trx) => {
      const others = await repository.listProviders(trx)
      if (others.length >= MOST) throw new ExpectedError('too_many_sign_on_providers', { limit: MOST })
      refuseTakenName(others, settings.name, id)
      await checkMappings(trx, settings.mappings)
      const sealedSecretId = clientSecret ? await this.#seal(trx, clientSecret) : null
      await repository.insertProvider(trx, { id, ...rowOf(settings), sealedSecretId, createdAt: now })
      audit.about('sign_on_provider', id, null, { after: settings })
      await this.#dependencies.audit.recordIn(trx, audit)
    })
    return this.#one(id)
  }

  /** @throws ExpectedError as `create` */
  async update(
    id: string,
    { clientSecret, ...changes }: Partial<ProviderSettings> & { clientSecret?: string | null | undefined },
    audit: AuditDraft,
  ): Promise<SignOnProvider> {
    const { db, oidc, sessionEnded } = this.#dependencies
    const ended = await db.transaction().execute(async (trx) => {
      const before = await find(trx, id)
      const settings = checkedSettings({ ...settingsOf(before), ...changes })
      refuseTakenName(await repository.listProviders(trx), settings.name, id)
      if (changes.mappings !== undefined) await checkMappings(trx, settings.mappings)
      const isOther = settings.issuer !== before.issuer || settings.clientId !== before.clientId
      // A secret is for the issuer that it was given for, and is never sent to another.
      const keepsSecret = clientSecret === undefined && settings.issuer === before.issuer
      if (!keepsSecret && before.sealedSecretId !== null)
        await repository.deleteSealedSecret(trx, before.sealedSecretId)
      const sealedSecretId = keepsSecret
        ? before.sealedSecretId
        : clientSecret
          ? await this.#seal(trx, clientSecret)
          : null
      await repository.updateProvider(trx, id, { ...rowOf(settings), sealedSecretId })
      // People are known by what an issuer calls them; another issuer may call somebody else so.
      if (settings.issuer !== before.issuer)
        await trx.deleteFrom('signOnIdentities').where('providerId', '=', id).execute()
      const isEnding = !settings.enabled || isOther
      const sessions = isEnding ? await repository.sessionsOf(trx, id) : []
      if (isEnding) await repository.deleteSessionsOf(trx, id)
      audit.about('sign_on_provider', id, null, {
        ...difference(settingsOf(before), settings),
        ...(!keepsSecret && { credential: sealedSecretId === null ? 'removed' : 'replaced' }),
        ...(sessions.length > 0 && { sessionsEnded: sessions.length }),
      })
      await this.#dependencies.audit.recordIn(trx, audit)
      return sessions
    })
    oidc.forget(id)
    for (const sessionId of ended) sessionEnded(sessionId)
    return this.#one(id)
  }

  /** With it go its sessions and what its groups gave. @throws ExpectedError `not_found` */
  async delete(id: string, audit: AuditDraft): Promise<void> {
    const { db, oidc, accounts, sessionEnded } = this.#dependencies
    const { ended, people } = await db.transaction().execute(async (trx) => {
      const before = await find(trx, id)
      const sessions = await repository.sessionsOf(trx, id)
      const people = await accounts.forget(trx, id)
      if (before.sealedSecretId !== null) await repository.deleteSealedSecret(trx, before.sealedSecretId)
      await repository.deleteProvider(trx, id)
      audit.about('sign_on_provider', id, null, { before: settingsOf(before) })
      await this.#dependencies.audit.recordIn(trx, audit)
      return { ended: sessions, people }
    })
    oidc.forget(id)
    for (const sessionId of ended) sessionEnded(sessionId)
    accounts.forgotten(people)
  }

  /** What an issuer offers. @throws ExpectedError `outbound_…`, `sign_on_unavailable`, `input_invalid` */
  async test(given: Issuer): Promise<SignOnFindings> {
    const { oidc } = this.#dependencies
    const destinations = given.destinations.map(({ origin, insideNetwork }) => ({
      origin: originOf(origin),
      insideNetwork,
    }))
    const issuer = {
      issuer: checkedIssuer(given.issuer, destinations),
      destinations,
      caCertificate: checkedCa(given.caCertificate),
    }
    const metadata = await oidc.discover(issuer)
    const { code_challenge_methods_supported: challenges } = metadata
    const unlisted = endpointOrigins(metadata).filter(
      (origin) => !destinations.some((destination) => destination.origin === origin),
    )
    return {
      issuer: metadata.issuer,
      authorizationEndpoint: metadata.authorization_endpoint ?? '',
      tokenEndpoint: metadata.token_endpoint ?? '',
      userinfoEndpoint: metadata.userinfo_endpoint ?? null,
      jwksUri: metadata.jwks_uri ?? '',
      keys: unlisted.length > 0 ? 0 : await oidc.countKeys(issuer, metadata),
      scopes: listed(metadata.scopes_supported),
      claims: listed(metadata.claims_supported),
      signingAlgorithms: listed(metadata['id_token_signing_alg_values_supported']),
      pkce: challenges === undefined ? null : challenges.includes('S256'),
      unlisted,
    }
  }

  async #one(id: string): Promise<SignOnProvider> {
    const row = await repository.providerById(this.#dependencies.db, id)
    if (row === undefined) throw new ExpectedError('not_found', { what: 'sign-in provider', id })
    return this.#view(providerOf(row))
  }

  #view({ sealedSecretId, createdAt, ...provider }: Provider): SignOnProvider {
    return {
      ...provider,
      mappings: [...provider.mappings],
      destinations: [...provider.destinations],
      hasSecret: sealedSecretId !== null,
      redirectUris: this.#dependencies.origins().map((origin) => callbackUri(origin, provider.id)),
      createdAt: new Date(createdAt),
    }
  }

  async #seal(trx: SiteTrx, secret: string): Promise<string> {
    const { clock, sealer } = this.#dependencies
    const createdAt = clock.now()
    const id = uuid7(createdAt)
    const box = sealer().seal(PURPOSE, id, Buffer.from(secret))
    await repository.insertSealedSecret(trx, { id, purpose: PURPOSE, box, createdAt })
    return id
  }
}

/** Each provider has its own, so that none can pass another's answer off as its own (RFC 9700 4.4.2.2). */
export function callbackUri(origin: string, providerId: string): string {
  return `${origin}/api/v1/auth/sign-on/${providerId}/callback`
}

async function find(trx: SiteTrx, id: string): Promise<Provider> {
  const row = await repository.providerById(trx, id)
  if (row === undefined) throw new ExpectedError('not_found', { what: 'sign-in provider', id })
  return providerOf(row)
}

function refuseTakenName(others: readonly repository.ProviderRow[], name: string, id: string): void {
  const same = (one: string) => one.toLowerCase() === name.toLowerCase()
  if (others.some((other) => other.id !== id && same(other.name)))
    throw new ExpectedError('sign_on_name_taken', { name })
}

function settingsOf({
  id: _id,
  sealedSecretId: _secret,
  createdAt: _at,
  ...settings
}: Provider): ProviderSettings {
  return { ...settings, mappings: [...settings.mappings], destinations: [...settings.destinations] }
}

function rowOf(settings: ProviderSettings) {
  const { mappings, destinations, makesAccounts, trustsEmail, enabled, ...rest } = settings
  return {
    ...rest,
    mappings: JSON.stringify(mappings),
    destinations: JSON.stringify(destinations),
    makesAccounts: makesAccounts ? (1 as const) : (0 as const),
    trustsEmail: trustsEmail ? (1 as const) : (0 as const),
    enabled: enabled ? (1 as const) : (0 as const),
  }
}

/** Before and after of what differs. */
function difference(before: ProviderSettings, after: ProviderSettings) {
  const names = (Object.keys(after) as (keyof ProviderSettings)[]).filter(
    (name) => !isDeepStrictEqual(before[name], after[name]),
  )
  const pick = (from: ProviderSettings) => Object.fromEntries(names.map((name) => [name, from[name]]))
  return { before: pick(before), after: pick(after) }
}

function listed(value: unknown): string[] {
  return Array.isArray(value)
    ? value.filter((one): one is string => typeof one === 'string').slice(0, 100)
    : []
}
