import { open, readFile, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import * as z from 'zod'
import { makePrivateFolder, writeDurably } from '#platform/secrets/durable-file.ts'
import { CliError, causeOf } from '../cli-error.ts'
import { configFolder } from './config-folder.ts'

const SignInSchema = z.object({
  user: z.string(),
  /** PEM of the site's web CA, where the system does not trust it. */
  ca: z.string().nullable(),
  accessToken: z.string(),
  /** ms since 1970. */
  accessExpiresAt: z.number(),
  refreshToken: z.string(),
})
export type StoredSignIn = z.infer<typeof SignInSchema>

const FileSchema = z.object({ version: z.literal(1), sites: z.record(z.string(), SignInSchema) })
type File = z.infer<typeof FileSchema>

/** A lock older than this was left by a process that died, ms. */
const STALE = 30_000

/** Who the user is signed in as, by the origin of each site: a file for its owner alone. */
export class StoredSignIns {
  readonly #folder: string
  readonly #file: string

  constructor(folder: string = configFolder()) {
    this.#folder = folder
    this.#file = join(folder, 'sign-ins.json')
  }

  /** @throws CliError `file_not_readable`, also where others may read it */
  async find(origin: string): Promise<StoredSignIn | null> {
    return (await this.#read()).sites[origin] ?? null
  }

  /**
   * Reads and writes one sign-in while no other process does, for a refresh token is good once. `change` is given what
   * is there and gives what shall be; null forgets it.
   */
  async change(
    origin: string,
    change: (before: StoredSignIn | null) => Promise<StoredSignIn | null>,
  ): Promise<StoredSignIn | null> {
    await makePrivateFolder(this.#folder)
    const lock = `${this.#file}.lock`
    await takeLock(lock)
    try {
      const file = await this.#read()
      const before = file.sites[origin] ?? null
      const after = await change(before)
      if (after === before) return after
      const { [origin]: _old, ...others } = file.sites
      const sites = after === null ? others : { ...others, [origin]: after }
      await writeDurably(this.#file, `${JSON.stringify({ version: 1, sites }, null, 2)}\n`)
      return after
    } finally {
      await rm(lock, { force: true })
    }
  }

  async #read(): Promise<File> {
    let text: string
    try {
      const { mode } = await stat(this.#file)
      // Whoever reads it is signed in as the user.
      if (process.platform !== 'win32' && (mode & 0o077) !== 0)
        throw this.#unreadable('others may read it; run "chmod 600" on it')
      text = await readFile(this.#file, 'utf8')
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { version: 1, sites: {} }
      throw error instanceof CliError ? error : this.#unreadable(causeOf(error))
    }
    const file = FileSchema.safeParse(parse(text))
    if (!file.success) throw this.#unreadable('it is damaged; delete it and sign in again')
    return file.data
  }

  #unreadable(cause: string): CliError {
    const file = this.#file
    return new CliError('file_not_readable', `${file} cannot be used: ${cause}`, { file })
  }
}

async function takeLock(lock: string): Promise<void> {
  for (;;) {
    try {
      const handle = await open(lock, 'wx', 0o600)
      return await handle.close()
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
    const held = await stat(lock).catch(() => null)
    if (held !== null && Date.now() - held.mtimeMs > STALE) await rm(lock, { force: true })
    else await sleep(50)
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
