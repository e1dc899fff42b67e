import { readFile } from 'node:fs/promises'
import { isIP } from 'node:net'
import { resolve } from 'node:path'
import { createRestClient, type RestClient } from '#client/rest-client.ts'
import { defaultDataDir } from '#site/data-dir.ts'
import { CliError, causeOf } from '../cli-error.ts'
import { readSecretFile } from '../files/secret-file.ts'
import { sendSignedIn } from '../sign-in/bearer.ts'
import { StoredSignIns } from '../sign-in/stored-sign-ins.ts'
import { createNodeFetch, type Target } from './node-fetch.ts'
import { type RunFile, readRunFile } from './run-file.ts'
import { SessionCookies } from './session.ts'
import { siteError, unreachable } from './site-error.ts'

/**
 * Which site, and as whom: `url` with an API key, a password or what `millwright login` keeps, else the one on `data`,
 * else on the user's own data folder.
 */
export interface SiteOptions {
  data?: string | undefined
  url?: string | undefined
  ca?: string | undefined
  user?: string | undefined
  passwordFile?: string | undefined
  /** Never a flag: the process list would show it. */
  apiKey?: string | undefined
}

/** Sends one request, wherever it goes. */
export type SendRequest = (request: Request) => Promise<Response>

/** A site that answers, for the length of one command. */
export interface SiteConnection {
  client: RestClient
  /** What the running site wrote of itself; null from afar. */
  run: RunFile | null
  /** Plain HTTP for what is not JSON. Resolves only with a good answer. @throws ExpectedError, CliError */
  get(path: string): Promise<Response>
  /** A file as the body. @throws as `get` */
  post(path: string, body: Uint8Array<ArrayBuffer>, type: string): Promise<Response>
  /** Signs out. */
  close(): Promise<void>
}

/** @throws ExpectedError `site_not_running`, `site_unreachable`, `wrong_credentials`, `not_signed_in`; CliError `usage` */
export async function connectSite(options: SiteOptions): Promise<SiteConnection> {
  if (options.url !== undefined) return connectByUrl(options, parseSiteUrl(options.url))
  return connectByFolder(resolve(options.data ?? defaultDataDir()))
}

async function connectByFolder(dataDir: string): Promise<SiteConnection> {
  const run = await readRunFile(dataDir)
  const send = guarded(
    createNodeFetch({ kind: 'socket', path: run.socket, tokenFile: run.tokenFile ?? null }),
    { dataDir },
  )
  return connection('http://localhost', send, run, async () => {})
}

async function connectByUrl(options: SiteOptions, origin: URL): Promise<SiteConnection> {
  const { user, passwordFile, apiKey } = options
  const stored = new StoredSignIns()
  const ca = await trustedCa(options, origin, stored)
  const bare = sendTo(origin, ca)
  if (user !== undefined && passwordFile !== undefined)
    return connectByPassword(origin, bare, { user, passwordFile })
  if (apiKey !== undefined) return connection(origin.origin, withKey(bare, apiKey), null, async () => {})
  if ((await stored.find(origin.origin)) === null) {
    throw new CliError(
      'usage',
      `Nobody is signed in at ${origin.origin}: run "millwright login --url ${origin.origin}", set MILLWRIGHT_API_KEY, or give --user a@b.example --password-file FILE`,
    )
  }
  const send = sendSignedIn(bare, { store: stored, origin: origin.origin, now: Date.now })
  return connection(origin.origin, send, null, async () => {})
}

/** A session of its own, for this command alone. */
async function connectByPassword(
  origin: URL,
  bare: SendRequest,
  { user, passwordFile }: { user: string; passwordFile: string },
): Promise<SiteConnection> {
  const cookies = new SessionCookies()
  const send = async (request: Request): Promise<Response> => {
    // The site takes writes only from its own pages or from callers that say so (security.md, HTTP and UI).
    request.headers.set('origin', origin.origin)
    if (cookies.header !== null) request.headers.set('cookie', cookies.header)
    const response = await bare(request)
    cookies.remember(response.headers)
    return response
  }
  const site = connection(origin.origin, send, null, async () => {
    // The work is done, whether or not the goodbye arrives; the session ends by itself then.
    await site.client.auth.logout().catch(() => {})
  })
  const name = user.includes('@') ? { email: user } : { username: user }
  await site.client.auth.login({ ...name, password: await readSecretFile(passwordFile, 'password') })
  return site
}

function withKey(bare: SendRequest, key: string): SendRequest {
  return (request) => {
    request.headers.set('authorization', `Bearer ${key}`)
    return bare(request)
  }
}

/** Plain requests to a site elsewhere, without anybody's name on them. */
export function sendTo(origin: URL, ca: string | undefined): SendRequest {
  const target: Target =
    origin.protocol === 'https:' ? { kind: 'tls', origin, ca } : { kind: 'plain', origin }
  return guarded(createNodeFetch(target), { url: origin.origin })
}

/** The CA that a flag names, else the one that was trusted at sign-in, else those of the system. */
async function trustedCa(
  { ca }: SiteOptions,
  origin: URL,
  stored: StoredSignIns,
): Promise<string | undefined> {
  if (ca !== undefined) return readCa(ca)
  return (await stored.find(origin.origin))?.ca ?? undefined
}

function connection(
  origin: string,
  send: (request: Request) => Promise<Response>,
  run: RunFile | null,
  close: () => Promise<void>,
): SiteConnection {
  return {
    client: translated(createRestClient(origin, send)),
    run,
    close,
    async get(path) {
      const response = await send(new Request(new URL(path, origin)))
      if (response.ok) return response
      throw await responseError(response)
    },
    async post(path, body, type) {
      const headers = { 'content-type': type }
      const response = await send(new Request(new URL(path, origin), { method: 'POST', body, headers }))
      if (response.ok) return response
      throw await responseError(response)
    },
  }
}

/** Turns failures below HTTP into the sentence that says what to do. */
function guarded(
  send: (request: Request) => Promise<Response>,
  where: { dataDir: string } | { url: string },
): (request: Request) => Promise<Response> {
  return async (request) => {
    try {
      return await send(request)
    } catch (error) {
      throw unreachable(where, error)
    }
  }
}

/** Every call of the client with the site's errors as ours. */
function translated<T extends object>(client: T): T {
  return new Proxy(client, {
    // A symbol, or the `then` that `await` looks for, names no procedure.
    get: (inner, key) =>
      typeof key === 'symbol' || key === 'then' ? undefined : translated(Reflect.get(inner, key) as object),
    apply: (inner, self, args) =>
      (Reflect.apply(inner as () => Promise<unknown>, self, args) as Promise<unknown>).catch(
        (error: unknown) => {
          throw siteError(error)
        },
      ),
  })
}

async function responseError(response: Response): Promise<unknown> {
  const body: unknown = await response.json().catch(() => ({}))
  const { code, data, message } = (body ?? {}) as { code?: unknown; data?: unknown; message?: unknown }
  const { ORPCError } = await import('@orpc/client')
  return siteError(
    new ORPCError(typeof code === 'string' ? code : 'UNKNOWN', {
      status: response.status,
      message: typeof message === 'string' ? message : response.statusText || 'no reason given',
      data,
    }),
  )
}

/** @throws CliError `usage` for what is not an address of a site, or would carry a password in clear text */
export function parseSiteUrl(text: string): URL {
  let url: URL
  try {
    url = new URL(text)
  } catch {
    throw new CliError('usage', `"${text}" is not an address: write https://host:8443`)
  }
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLoopback(url.hostname))) {
    throw new CliError('usage', `${text} would carry the password in clear text: write https://host:8443`)
  }
  return url
}

function isLoopback(hostname: string): boolean {
  const host = hostname.replace(/^\[|\]$/g, '')
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'))
}

/** @throws CliError `file_not_readable` */
export async function readCa(path: string): Promise<string> {
  let pem: string
  try {
    pem = await readFile(path, 'utf8')
  } catch (error) {
    throw new CliError('file_not_readable', `${path} cannot be read: ${causeOf(error)}`, { file: path })
  }
  if (!pem.includes('-----BEGIN CERTIFICATE-----')) {
    throw new CliError('file_not_readable', `${path} holds no certificate in PEM`, { file: path })
  }
  return pem
}
