import { type Actor, anonymous } from '#features/access/index.ts'
import { KEY_START } from '#features/api-keys/index.ts'
import type { EngineCore } from './engine-core.ts'

/** Who holds a session's token; nobody before the site is set up. */
export async function resolveToken({ site, identity }: EngineCore, token: string | null): Promise<Actor> {
  return site.isSetUp() ? identity.sessions.resolve(token) : anonymous
}

/** Who shows an API key or an access token. */
export async function resolveBearer(
  { site, apiKeys, tokens }: EngineCore,
  secret: string,
  address: string,
): Promise<Actor> {
  if (!site.isSetUp()) return anonymous
  return secret.startsWith(KEY_START) ? apiKeys.resolve(secret, address) : tokens.resolve(secret)
}
