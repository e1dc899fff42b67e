import { createRestClient, type RestClient } from '#client/rest-client.ts'
import { ExpectedError } from '#contract/errors.ts'
import { given } from '../arguments.ts'
import { CliError } from '../cli-error.ts'
import { readSecretFile } from '../files/secret-file.ts'
import { parseSiteUrl, readCa, sendTo } from '../site/connect-site.ts'
import { siteError } from '../site/site-error.ts'
import { ask, askHidden, canAsk, needTerminal } from './ask.ts'
import { keptTokens } from './bearer.ts'
import { fetchPinnedCa } from './pinned-ca.ts'
import { StoredSignIns } from './stored-sign-ins.ts'

export interface LoginFlags {
  url?: string | undefined
  user?: string | undefined
  passwordFile?: string | undefined
  ca?: string | undefined
  fingerprint?: string | undefined
  tenant?: string | undefined
  code?: string | undefined
}

type Tokens = Awaited<ReturnType<RestClient['auth']['openTokens']>>

/**
 * Signs the user in at a site and keeps the tokens for later commands.
 * @throws ExpectedError what the site refuses with; CliError `usage`, `certificate_mismatch`
 */
export async function login(flags: LoginFlags, now: () => number): Promise<Tokens & { url: string }> {
  if (flags.url === undefined) throw new CliError('usage', 'Say which site: --url https://host:8443')
  const origin = parseSiteUrl(flags.url)
  const stored = new StoredSignIns()
  const ca = await trustOf(flags, origin, stored)
  const { auth } = createRestClient(origin.origin, sendTo(origin, ca))
  const user = flags.user ?? (await asked('--user', () => ask('E-mail or user name: ')))
  const password =
    flags.passwordFile === undefined
      ? await asked('--password-file', () => askHidden('Password: '))
      : await readSecretFile(flags.passwordFile, 'password')
  const name = user.includes('@') ? { email: user } : { username: user }
  const open = async (code: string | undefined): Promise<Tokens> => {
    try {
      return await auth.openTokens({ ...name, password, ...given({ tenant: flags.tenant, code }) })
    } catch (error) {
      throw siteError(error)
    }
  }
  const tokens = await open(flags.code).catch(async (error: unknown) => {
    const needsCode = error instanceof ExpectedError && error.code === 'second_factor_required'
    if (!needsCode || !canAsk()) throw error
    return open(await ask('Code of your second factor: '))
  })
  await stored.change(origin.origin, async () => ({ user, ca: ca ?? null, ...keptTokens(tokens, now()) }))
  return { ...tokens, url: origin.origin }
}

/**
 * Forgets the user's sign-in at a site, and ends it there.
 * @returns who was signed in; null: nobody
 */
export async function logout(flags: { url?: string | undefined }): Promise<string | null> {
  if (flags.url === undefined) throw new CliError('usage', 'Say which site: --url https://host:8443')
  const origin = parseSiteUrl(flags.url)
  const stored = new StoredSignIns()
  const kept = await stored.find(origin.origin)
  if (kept === null) return null
  const { auth } = createRestClient(origin.origin, sendTo(origin, kept.ca ?? undefined))
  await stored.change(origin.origin, async () => null)
  try {
    await auth.closeTokens({ refresh_token: kept.refreshToken })
  } catch (error) {
    throw siteError(error)
  }
  return kept.user
}

async function trustOf(
  { ca, fingerprint }: LoginFlags,
  origin: URL,
  stored: StoredSignIns,
): Promise<string | undefined> {
  if (ca !== undefined) return readCa(ca)
  if (fingerprint !== undefined) return fetchPinnedCa(origin, fingerprint)
  return (await stored.find(origin.origin))?.ca ?? undefined
}

function asked(flag: string, question: () => Promise<string>): Promise<string> {
  needTerminal(`give ${flag}`)
  return question()
}
