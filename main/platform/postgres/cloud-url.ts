import { isIP } from 'node:net'
import { domainToASCII } from 'node:url'
import { ExpectedError } from '#contract/errors.ts'

/** Where a cloud is, and as whom one signs in there. */
export interface CloudUrl {
  host: string
  port: number
  database: string
  username: string
}

const PORT = 5432

/**
 * Reads `postgres://user@host:5432/database`. Nothing else may stand in it: no password (it would stay in shell
 * histories and screenshots), and no option but the one that is always on, `sslmode=verify-full`.
 * @throws ExpectedError `cloud_url_invalid`
 */
export function parseCloudUrl(text: string): CloudUrl {
  const { password, ...url } = parseAdministratorUrl(text)
  if (password !== null) throw invalid('it holds a password')
  return url
}

/**
 * The same with a password in it, which the command line takes (and warns of).
 * @throws ExpectedError `cloud_url_invalid`
 */
export function parseAdministratorUrl(text: string): CloudUrl & { password: string | null } {
  const given = text.trim()
  if (!/^postgres(ql)?:\/\//i.test(given)) throw invalid('it does not begin with postgres://')
  // The parser would drop them without a word.
  if (/[\s\p{Cc}]/u.test(given)) throw invalid('it holds a space or an invisible character')
  const url = URL.canParse(given) ? new URL(given) : null
  if (url === null) throw invalid('it is no URL')
  onlySafeParameters(url)
  const database = decoded(url.pathname.replace(/^\//, ''), 'database')
  if (database === '') throw invalid('the database is missing')
  if (database.includes('/')) throw invalid('the database has a slash in it')
  const username = decoded(url.username, 'user')
  if (username === '') throw invalid('the user is missing')
  const password = url.password === '' ? null : decoded(url.password, 'password')
  return { host: hostOf(url), port: portOf(url), database, username, password }
}

/** The way back, for messages and screens. */
export function cloudUrlText({ host, port, database, username }: CloudUrl): string {
  const at = isIP(host) === 6 ? `[${host}]` : host
  return `postgres://${encodeURIComponent(username)}@${at}:${port}/${encodeURIComponent(database)}`
}

function hostOf(url: URL): string {
  const host = decoded(url.hostname, 'host')
  if (host === '') throw invalid('the host is missing')
  if (host.startsWith('/')) throw invalid('a socket of this machine is no cloud')
  if (host.includes(',')) throw invalid('it names several hosts')
  const bare = host.replace(/^\[(.*)\]$/, '$1')
  if (isIP(bare) !== 0) return bare
  const name = domainToASCII(host)
  if (!/^[a-z0-9_]([a-z0-9_.-]{0,252})$/i.test(name)) throw invalid('the host is not a name or an address')
  return name
}

function portOf(url: URL): number {
  const port = url.port === '' ? PORT : Number(url.port)
  if (port < 1 || port > 65_535) throw invalid('the port is not between 1 and 65535')
  return port
}

function onlySafeParameters(url: URL): void {
  if (url.hash !== '') throw invalid('it has a part after #')
  for (const [name, value] of url.searchParams) {
    if (name !== 'sslmode') throw invalid(`the option ${name.slice(0, 40)} cannot be set`)
    if (value !== 'verify-full') throw invalid('sslmode is always verify-full')
  }
}

function decoded(part: string, what: string): string {
  let text: string
  try {
    text = decodeURIComponent(part)
  } catch {
    throw invalid(`the ${what} is not written rightly (%…)`)
  }
  // Postgres ends a text there.
  if (text.includes('\0')) throw invalid(`the ${what} holds a NUL character`)
  return text
}

function invalid(problem: string): ExpectedError {
  return new ExpectedError('cloud_url_invalid', { problem })
}
