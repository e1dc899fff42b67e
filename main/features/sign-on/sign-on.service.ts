import { randomBytes } from 'node:crypto'
import * as oidc from 'openid-client'
import { ExpectedError } from '#contract/errors.ts'
import type { AuditDraft } from '#features/audit/index.ts'
import type { Caller, SessionsService } from '#features/identity/index.ts'
import type { Clock } from '#platform/clock/clock.ts'
import { AttemptLimit } from '#platform/limits/attempt-limit.ts'
import { networkOf } from '#platform/limits/network-of.ts'
import type { Log } from '#platform/log/log.ts'
import type { OidcClient } from './oidc-client.ts'
import { PENDING_FOR, PendingSignOns } from './pending-sign-ons.ts'
import { callbackUri, type ProvidersService } from './providers.service.ts'
import type { SignOnAccounts } from './sign-on-accounts.ts'

const MINUTE = 60_000

export interface SignOnDependencies {
  clock: Clock
  log: Log
  providers: ProvidersService
  oidc: OidcClient
  accounts: SignOnAccounts
  sessions: SessionsService
}

export interface Started {
  /** Where the browser goes now. */
  location: string
  /** What its cookie holds until it comes back. */
  binding: string
  /** ms */
  expiresAt: number
}

/** Signing in with a provider: out to it and back, then an account and a session here. */
export class SignOnService {
  readonly #dependencies: SignOnDependencies
  readonly #pending: PendingSignOns
  /** Each try that comes back asks the provider once more. */
  readonly #failures = new AttemptLimit(30, 10 * MINUTE)

  constructor(dependencies: SignOnDependencies) {
    this.#dependencies = dependencies
    this.#pending = new PendingSignOns(dependencies.clock)
  }

  /**
   * @param origin of this site, as the browser knows it
   * @param to the page that was asked for
   * @throws ExpectedError `sign_on_unknown`, `sign_on_unavailable`, `too_many_requests`
   */
  async start(
    providerId: string,
    { origin, to, from }: { origin: string; to: string; from: Caller },
  ): Promise<Started> {
    const { providers, oidc: client, clock } = this.#dependencies
    this.#refuseWhoFails(from)
    const provider = await providers.usable(providerId)
    const state = oidc.randomState()
    const checks = { state, nonce: oidc.randomNonce(), codeVerifier: oidc.randomPKCECodeVerifier() }
    const redirectUri = callbackUri(origin, provider.id)
    const location = await this.#told(
      () => client.authorizationUrl(provider, checks, redirectUri),
      provider.name,
    )
    const binding = randomBytes(32).toString('base64url')
    const { nonce, codeVerifier } = checks
    this.#pending.put(
      state,
      { providerId: provider.id, nonce, codeVerifier, redirectUri, to },
      { binding, address: networkOf(from.address) },
    )
    return { location: location.href, binding, expiresAt: clock.now() + PENDING_FOR }
  }

  /**
   * The browser is back: the account that it is of, and its session.
   * @param query what the provider put behind the redirect URI
   * @throws ExpectedError `sign_on_…`, `account_suspended`, `account_without_tenant`, `too_many_requests`
   */
  async finish(
    providerId: string,
    { query, binding, from }: { query: URLSearchParams; binding: string; from: Caller },
    audit: AuditDraft,
  ) {
    const { clock } = this.#dependencies
    this.#refuseWhoFails(from)
    try {
      return await this.#finish(providerId, { query, binding, from }, audit)
    } catch (error) {
      this.#failures.fail(networkOf(from.address), clock.now())
      throw error
    }
  }

  async #finish(
    providerId: string,
    { query, binding, from }: { query: URLSearchParams; binding: string; from: Caller },
    audit: AuditDraft,
  ) {
    const { providers, oidc: client, accounts, sessions } = this.#dependencies
    const state = query.get('state') ?? ''
    const pending = this.#pending.take(state, binding)
    if (pending === null || pending.providerId !== providerId) throw new ExpectedError('sign_on_expired')
    const provider = await providers.usable(providerId)
    audit.about('sign_on_provider', provider.id, null, { provider: provider.name })
    const secret = await providers.secretOf(provider)
    const cameBack = new URL(pending.redirectUri)
    cameBack.search = query.toString()
    const claims = await this.#told(
      () => client.exchange(provider, secret, { ...pending, state, cameBack }),
      provider.name,
      audit,
    )
    const userId = await accounts.admit(provider, claims, audit.subject)
    const signedIn = await sessions.openBrowser(
      userId,
      { from, proof: { providerId: provider.id } },
      audit.about('user', userId, null, { providerId: provider.id, provider: provider.name }),
    )
    return { signedIn, to: pending.to }
  }

  /** Why a provider failed stands in the log and the audit, for the page says no more than a code. */
  async #told<T>(call: () => Promise<T>, provider: string, audit?: AuditDraft): Promise<T> {
    try {
      return await call()
    } catch (error) {
      if (!(error instanceof ExpectedError)) throw error
      const why = { code: error.code, ...error.data }
      this.#dependencies.log.warn({ provider, ...why }, 'a sign-in with a provider failed')
      if (audit) audit.details = { ...audit.details, ...error.data }
      throw error.code.startsWith('outbound_')
        ? new ExpectedError('sign_on_unavailable', { cause: error.message }, { cause: error })
        : error
    }
  }

  #refuseWhoFails({ address }: Caller): void {
    const wait = this.#failures.wait(networkOf(address), this.#dependencies.clock.now())
    if (wait > 0) throw new ExpectedError('too_many_requests', { seconds: Math.ceil(wait / 1000) })
  }
}
