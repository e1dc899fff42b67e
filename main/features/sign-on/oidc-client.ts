import * as oidc from 'openid-client'
import { ExpectedError } from '#contract/errors.ts'
import type { Clock } from '#platform/clock/clock.ts'
import { originOf } from '#platform/outbound/destination.ts'
import { createGuardedFetch } from '#platform/outbound/guarded-fetch.ts'
import type { ResolveHost } from '#platform/outbound/pinned-address.ts'
import { type Claims, hasClaim, readClaims } from './group-claims.ts'
import { discoveryFailure, exchangeFailure } from './oidc-failures.ts'
import type { Provider } from './provider.ts'

const MINUTE = 60_000
/** What an issuer says of itself is asked for anew after this long. */
const KEPT = 10 * MINUTE
/** An issuer that does not answer is left alone for so long, however many people press the button. */
const RESTED = 10_000
/** Seconds that the clocks of site and provider may differ. */
const CLOCK_TOLERANCE = 60

/** Whom to ask, and what may be called for it. */
export type Issuer = Pick<Provider, 'issuer' | 'destinations' | 'caCertificate'>

/** What a sign-in is held to when it comes back. */
export interface Checks {
  state: string
  nonce: string
  codeVerifier: string
}

/** The OpenID Connect side of signing in: authorization code with PKCE (RFC 7636), state and nonce. */
export class OidcClient {
  readonly #clock: Clock
  readonly #resolve: ResolveHost | undefined
  readonly #known = new Map<string, { metadata: Promise<oidc.ServerMetadata>; until: number }>()

  /** @param resolve how names become addresses; tests have names of their own */
  constructor(clock: Clock, resolve?: ResolveHost) {
    this.#clock = clock
    this.#resolve = resolve
  }

  /**
   * What the issuer says of itself, asked now.
   * @throws ExpectedError `outbound_…`, `sign_on_unavailable`
   */
  async discover(issuer: Issuer): Promise<oidc.ServerMetadata> {
    try {
      const found = await oidc.discovery(new URL(issuer.issuer), 'millwright', undefined, oidc.None(), {
        [oidc.customFetch]: this.#fetchFor(issuer),
        execute: insecureOnThisMachine(issuer),
      })
      const metadata = found.serverMetadata()
      // The library lets some multi-tenant issuers pass under another name than they were asked by.
      if (new URL(metadata.issuer).href !== new URL(issuer.issuer).href)
        throw new ExpectedError('sign_on_unavailable', {
          cause: `it says that it is ${metadata.issuer.slice(0, 200)}`,
        })
      for (const name of ['authorization_endpoint', 'token_endpoint', 'jwks_uri'] as const)
        if (typeof metadata[name] !== 'string')
          throw new ExpectedError('sign_on_unavailable', { cause: `it does not name its ${name}` })
      return metadata
    } catch (error) {
      throw discoveryFailure(error)
    }
  }

  /** How many keys the issuer signs with. @throws as `discover` */
  async countKeys(issuer: Issuer, metadata: oidc.ServerMetadata): Promise<number> {
    try {
      const answer = await this.#fetchFor(issuer)(metadata.jwks_uri ?? '', { method: 'GET' })
      const { keys } = (await answer.json()) as { keys?: unknown }
      return Array.isArray(keys) ? keys.length : 0
    } catch (error) {
      throw discoveryFailure(error)
    }
  }

  /** Where the browser goes. @throws ExpectedError `sign_on_unavailable` */
  async authorizationUrl(
    provider: Provider,
    { state, nonce, codeVerifier }: Checks,
    redirectUri: string,
  ): Promise<URL> {
    const config = await this.#configure(provider, null)
    return oidc.buildAuthorizationUrl(config, {
      redirect_uri: redirectUri,
      scope: [...new Set(['openid', ...provider.scopes.split(/\s+/).filter((scope) => scope !== '')])].join(
        ' ',
      ),
      state,
      nonce,
      code_challenge: await oidc.calculatePKCECodeChallenge(codeVerifier),
      code_challenge_method: 'S256',
    })
  }

  /**
   * Fetches the tokens for what the browser brought back, checks them (signature, issuer, audience, times, nonce), and
   * reads who it is. The tokens are kept nowhere.
   * @param cameBack the redirect URI with what the provider put behind it
   * @throws ExpectedError `sign_on_denied`, `sign_on_invalid`, `sign_on_unavailable`
   */
  async exchange(
    provider: Provider,
    secret: string | null,
    { state, nonce, codeVerifier, cameBack }: Checks & { cameBack: URL },
  ): Promise<Claims> {
    const config = await this.#configure(provider, secret)
    try {
      const tokens = await oidc.authorizationCodeGrant(config, cameBack, {
        expectedState: state,
        expectedNonce: nonce,
        pkceCodeVerifier: codeVerifier,
        idTokenExpected: true,
      })
      const claims: Record<string, unknown> = { ...tokens.claims() }
      const { groupClaim } = provider
      const isComplete =
        claims['email'] !== undefined && (groupClaim === null || hasClaim(claims, groupClaim))
      if (!isComplete && config.serverMetadata().userinfo_endpoint !== undefined) {
        const more = await oidc.fetchUserInfo(config, tokens.access_token, String(claims['sub']))
        // Signed claims win over those that only came along.
        return readClaims({ ...more, ...claims }, groupClaim)
      }
      return readClaims(claims, groupClaim)
    } catch (error) {
      throw exchangeFailure(error)
    }
  }

  /** The provider's settings changed. */
  forget(providerId: string): void {
    this.#known.delete(providerId)
  }

  async #configure(provider: Provider, secret: string | null): Promise<oidc.Configuration> {
    const metadata = await this.#metadata(provider)
    const config = new oidc.Configuration(
      metadata,
      provider.clientId,
      {
        [oidc.clockTolerance]: CLOCK_TOLERANCE,
        [oidc.clockSkew]: Math.round((this.#clock.now() - Date.now()) / 1000),
      },
      clientAuthentication(metadata, secret),
    )
    config[oidc.customFetch] = this.#fetchFor(provider)
    for (const extend of insecureOnThisMachine(provider)) extend(config)
    // TLS to the token endpoint alone would do (OpenID Connect Core 1.0, 3.1.3.7); the signature proves more.
    oidc.enableNonRepudiationChecks(config)
    return config
  }

  async #metadata(provider: Provider): Promise<oidc.ServerMetadata> {
    const now = this.#clock.now()
    const known = this.#known.get(provider.id)
    if (known !== undefined && known.until > now) return known.metadata
    const metadata = this.discover(provider).then((found) => checkEndpoints(found, provider))
    this.#known.set(provider.id, { metadata, until: now + KEPT })
    metadata.catch(() => {
      if (this.#known.get(provider.id)?.metadata === metadata)
        this.#known.set(provider.id, { metadata, until: this.#clock.now() + RESTED })
    })
    return metadata
  }

  #fetchFor({ destinations, caCertificate }: Issuer) {
    return createGuardedFetch({ destinations, caCertificate, resolve: this.#resolve })
  }
}

/** The origins of an issuer's endpoints. @throws ExpectedError `outbound_address_invalid` */
export function endpointOrigins(metadata: oidc.ServerMetadata): string[] {
  const { authorization_endpoint, token_endpoint, jwks_uri, userinfo_endpoint } = metadata
  const used = [authorization_endpoint, token_endpoint, jwks_uri, userinfo_endpoint]
  return [...new Set(used.filter((url) => url !== undefined).map(originOf))]
}

/** Browsers are sent, and the site calls, only where a site administrator said. */
function checkEndpoints(metadata: oidc.ServerMetadata, { destinations }: Provider): oidc.ServerMetadata {
  try {
    for (const origin of endpointOrigins(metadata))
      if (!destinations.some((destination) => destination.origin === origin))
        throw new ExpectedError('outbound_not_listed', { origin })
    return metadata
  } catch (error) {
    throw discoveryFailure(error)
  }
}

/** RFC 6749 2.3.1: Basic is what every server takes; some say that they take only the other. */
function clientAuthentication(metadata: oidc.ServerMetadata, secret: string | null): oidc.ClientAuth {
  if (secret === null) return oidc.None()
  const { token_endpoint_auth_methods_supported: methods = ['client_secret_basic'] } = metadata
  return methods.includes('client_secret_basic')
    ? oidc.ClientSecretBasic(secret)
    : oidc.ClientSecretPost(secret)
}

/** Plain HTTP is taken from this very machine, and what may be called says so. */
function insecureOnThisMachine({ issuer }: Issuer): ((config: oidc.Configuration) => void)[] {
  return new URL(issuer).protocol === 'http:' ? [oidc.allowInsecureRequests] : []
}
