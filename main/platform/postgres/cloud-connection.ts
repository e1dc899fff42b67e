import type { X509Certificate } from 'node:crypto'
import type { Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { Kysely, PostgresDialect } from 'kysely'
import pg from 'pg'
import { SEARCH_PATH } from '#cloud/roles/search-path.ts'
import type { CloudTables } from '#cloud/tables.ts'
import { ExpectedError } from '#contract/errors.ts'
import type { ResolveHost } from '#platform/outbound/pinned-address.ts'
import type { CloudDestination } from './cloud-destination.ts'
import { type CloudFailureContext, cloudFailure } from './cloud-failure.ts'
import { OneClientPool } from './one-client-pool.ts'
import { openPinnedSocket } from './pinned-socket.ts'
import { guardWrites, SilenceGuard } from './silence-guard.ts'
import { upgradeToTls } from './tls-upgrade.ts'

export interface CloudConnectionOptions {
  /** What it is for; administrators of the cloud see it in pg_stat_activity: `readings`. */
  name: string
  /** Ends it, at whatever point it is. */
  signal: AbortSignal
  /** For each step of connecting, ms. */
  connectTimeout?: number | undefined
  /** A server that owes an answer and says nothing for so long counts as gone, ms. */
  silence?: number | undefined
  resolve?: ResolveHost | undefined
}

/** One connection to the cloud, over TLS, signed in. */
export interface CloudConnection {
  readonly client: pg.Client
  /** The same connection; transactions take turns. */
  readonly db: Kysely<CloudTables>
  readonly certificate: X509Certificate | null
  /** `16.4` */
  readonly serverVersion: string
  /** 160004 */
  readonly serverVersionNumber: number
  /** Bytes as they are on the wire, with TLS. */
  readonly bytesRead: number
  readonly bytesWritten: number
  /** Why it ended; null: it was closed here. Never rejects. */
  readonly ended: Promise<ExpectedError | null>
  /** What a failure that was caught means; the reason why the connection is gone, where it is gone. */
  failureOf(error: unknown, step: string): ExpectedError
  close(): Promise<void>
}

const CONNECT_TIMEOUT = 10_000
const SILENCE = 60_000
/** Shorter than the silence that is borne, so that the server gives up first and the connection goes on. */
const STATEMENT_SHARE = 0.8
const CLOSE_TIMEOUT = 2_000
/** What was sent to this side and not acknowledged for so long ends the server's session, as in `cloud/roles/logins.ts`, ms. */
const UNACKNOWLEDGED = 90_000
/** Postgres 14 is the oldest. */
const OLDEST = 140_000

/**
 * Connects, checks the certificate, signs in.
 * @throws ExpectedError of `contract/error-codes/cloud.ts`
 */
export async function openCloudConnection(
  destination: CloudDestination,
  options: CloudConnectionOptions,
): Promise<CloudConnection> {
  const timeout = options.connectTimeout ?? CONNECT_TIMEOUT
  const { host, port, database, username } = destination
  const context: CloudFailureContext = { host, port, database, username, step: 'connecting' }
  const { signal, resolve } = options
  const { insideNetwork, caCertificate } = destination
  const socket = await openPinnedSocket({ host, port, insideNetwork, signal, timeout, resolve })
  const deadline = AbortSignal.any([signal, AbortSignal.timeout(timeout)])
  try {
    const secure = await upgradeToTls(socket, { context, caCertificate, signal: deadline })
    const connection = new OpenCloudConnection(socket, secure, { destination, context, options })
    await connection.start(deadline)
    return connection
  } catch (error) {
    socket.destroy()
    signal.throwIfAborted()
    if (deadline.aborted && !(error instanceof ExpectedError))
      throw new ExpectedError('cloud_silent', { host, seconds: Math.ceil(timeout / 1000) }, { cause: error })
    throw cloudFailure(error, { ...context, connected: true })
  }
}

interface Opened {
  destination: CloudDestination
  context: CloudFailureContext
  options: CloudConnectionOptions
}

class OpenCloudConnection implements CloudConnection {
  readonly client: pg.Client
  readonly db: Kysely<CloudTables>
  readonly certificate: X509Certificate | null
  readonly ended: Promise<ExpectedError | null>
  serverVersion = ''
  serverVersionNumber = 0
  readonly #socket: Socket
  readonly #secure: TLSSocket
  readonly #opened: Opened
  readonly #guard: SilenceGuard
  readonly #silence: number
  #end: (failure: ExpectedError | null) => void = () => undefined
  #failure: ExpectedError | null = null
  #isClosed = false
  #read = 0
  #written = 0

  constructor(socket: Socket, secure: TLSSocket, opened: Opened) {
    this.#socket = socket
    this.#secure = secure
    this.#opened = opened
    this.#silence = opened.options.silence ?? SILENCE
    this.certificate = secure.getPeerX509Certificate() ?? null
    this.ended = new Promise((resolve) => {
      this.#end = resolve
    })
    this.#guard = new SilenceGuard({
      read: () => this.bytesRead,
      written: () => this.bytesWritten,
      silence: this.#silence,
      onSilent: () => this.#fail(this.#silent(this.#silence)),
    })
    this.client = this.#newClient()
    this.db = new Kysely<CloudTables>({
      dialect: new PostgresDialect({ pool: new OneClientPool(this.client) }),
    })
  }

  get bytesRead(): number {
    this.#read = Math.max(this.#read, this.#socket.bytesRead)
    return this.#read
  }

  get bytesWritten(): number {
    this.#written = Math.max(this.#written, this.#socket.bytesWritten)
    return this.#written
  }

  /** Signs in, looks at the version, and has the server give up what takes too long. */
  async start(deadline: AbortSignal): Promise<void> {
    const { signal } = this.#opened.options
    const giveUp = () => this.#secure.destroy(deadline.reason as Error)
    deadline.addEventListener('abort', giveUp)
    try {
      deadline.throwIfAborted()
      await this.client.connect()
      await this.#readVersion()
      const milliseconds = Math.floor(this.#silence * STATEMENT_SHARE)
      await this.client.query(
        `SELECT set_config('statement_timeout', $1, false), set_config('lock_timeout', $1, false),
          set_config('idle_in_transaction_session_timeout', $2, false), set_config('tcp_user_timeout', $3, false)`,
        [`${milliseconds}`, `${this.#silence * 2}`, `${UNACKNOWLEDGED}`],
      )
    } finally {
      deadline.removeEventListener('abort', giveUp)
    }
    const stop = () => this.#fail(null)
    signal.addEventListener('abort', stop, { once: true })
    void this.ended.then(() => signal.removeEventListener('abort', stop))
    this.#guard.start()
  }

  failureOf(error: unknown, step: string): ExpectedError {
    // Whatever was under way fails with "terminated", which says nothing.
    return this.#failure ?? cloudFailure(error, { ...this.#opened.context, step, connected: true })
  }

  async close(): Promise<void> {
    if (this.#isClosed) return
    const late = new Promise<void>((resolve) => setTimeout(resolve, CLOSE_TIMEOUT).unref())
    this.#finish(null)
    await Promise.race([this.client.end().catch(() => undefined), late])
    this.#secure.destroy()
    this.#socket.destroy()
  }

  #newClient(): pg.Client {
    const { destination, options } = this.#opened
    const { host, port, database, username: user, password } = destination
    const client = new pg.Client({
      host,
      port,
      database,
      user,
      password,
      // It is there already; and no variable of the environment may say otherwise.
      ssl: false,
      stream: () => connectedStream(this.#secure),
      application_name: `millwright ${options.name}`,
      options: `-c search_path=${SEARCH_PATH} -c client_min_messages=warning`,
      keepAlive: false,
    })
    guardWrites(this.#secure, this.#guard)
    client.on('drain', () => this.#guard.answered())
    client.on('error', (error) => this.#fail(this.failureOf(error, options.name)))
    client.on('end', () => this.#fail(this.failureOf(new Error('the other side closed it'), options.name)))
    return client
  }

  async #readVersion(): Promise<void> {
    const { rows } = await this.client.query<{ number: number; version: string }>(
      `SELECT current_setting('server_version_num')::int AS number, current_setting('server_version') AS version`,
    )
    this.serverVersionNumber = rows[0]?.number ?? 0
    this.serverVersion = (rows[0]?.version ?? '').split(' ')[0] ?? ''
    const { host } = this.#opened.destination
    if (this.serverVersionNumber < OLDEST)
      throw new ExpectedError('cloud_version_too_old', { host, version: this.serverVersion })
  }

  #fail(failure: ExpectedError | null): void {
    if (this.#isClosed) return
    this.#failure = failure
    this.#finish(failure)
    this.#secure.destroy()
    this.#socket.destroy()
  }

  #finish(failure: ExpectedError | null): void {
    this.#isClosed = true
    this.#guard.stop()
    this.#end(failure)
  }

  #silent(after: number): ExpectedError {
    const { host } = this.#opened.destination
    return new ExpectedError('cloud_silent', { host, seconds: Math.ceil(after / 1000) })
  }
}

/** A socket that says "connected" when it is told to connect, for it is. */
function connectedStream(secure: TLSSocket): TLSSocket {
  secure.connect = () => {
    process.nextTick(() => secure.emit('connect'))
    return secure
  }
  return secure
}
