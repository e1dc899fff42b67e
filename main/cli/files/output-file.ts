import { randomBytes } from 'node:crypto'
import { access, type FileHandle, link, open, rename, rm } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { CliError, causeOf } from '../cli-error.ts'

/** What a file that another machine names is called here: never a path, nor a hidden file. */
export function ownName(name: string, otherwise: string): string {
  const last = name.split(/[/\\]/).at(-1) ?? ''
  return last === '' || last.startsWith('.') ? otherwise : last
}

/**
 * A file that appears whole or not at all: written beside its place, synced, then put there. It is opened before
 * the work that fills it begins, so that an unwritable folder or a name already taken is told first.
 */
export class OutputFile {
  readonly path: string
  readonly #temporary: string
  readonly #handle: FileHandle
  readonly #overwrite: boolean

  constructor(path: string, temporary: string, handle: FileHandle, overwrite: boolean) {
    this.path = path
    this.#temporary = temporary
    this.#handle = handle
    this.#overwrite = overwrite
  }

  async write(data: Uint8Array | string): Promise<void> {
    try {
      await this.#handle.appendFile(data)
    } catch (error) {
      throw notWritable(this.path, error)
    }
  }

  /** Puts the file in its place, through a power cut. @throws CliError `file_exists`, `file_not_writable` */
  async commit(): Promise<void> {
    try {
      await this.#handle.sync()
      await this.#handle.close()
      if (this.#overwrite) await rename(this.#temporary, this.path)
      else await placeNew(this.#temporary, this.path)
      await syncFolder(dirname(this.path))
    } catch (error) {
      throw error instanceof CliError ? error : notWritable(this.path, error)
    }
  }

  /** Leaves nothing behind; after `commit` it does nothing. */
  async discard(): Promise<void> {
    await this.#handle.close().catch(() => {})
    await rm(this.#temporary, { force: true }).catch(() => {})
  }
}

/**
 * @param mode of the new file; 0600 for what is secret
 * @throws CliError `file_exists` without `overwrite`, `file_not_writable`
 */
export async function openOutputFile(
  path: string,
  { mode = 0o666, overwrite = false }: { mode?: number; overwrite?: boolean } = {},
): Promise<OutputFile> {
  const full = resolve(path)
  if (!overwrite && (await exists(full))) throw taken(path)
  const temporary = join(dirname(full), `.${basename(full)}.${randomBytes(6).toString('hex')}.part`)
  try {
    return new OutputFile(full, temporary, await open(temporary, 'wx', mode), overwrite)
  } catch (error) {
    throw notWritable(path, error)
  }
}

/** A link never replaces a file that came meanwhile; a rename would. Some file systems know no links. */
async function placeNew(temporary: string, path: string): Promise<void> {
  try {
    await link(temporary, path)
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (code === 'EEXIST' || (await exists(path))) throw taken(path)
    await rename(temporary, path)
    return
  }
  await rm(temporary)
}

async function syncFolder(path: string): Promise<void> {
  // Windows cannot open folders, and journals the entry itself.
  if (process.platform === 'win32') return
  const folder = await open(path, 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}

function taken(path: string): CliError {
  return new CliError(
    'file_exists',
    `${path} is already there: choose another name, or --force to replace it`,
    {
      file: path,
    },
  )
}

function notWritable(path: string, error: unknown): CliError {
  return new CliError(
    'file_not_writable',
    `${path} cannot be written: ${causeOf(error)}`,
    { file: path },
    { cause: error },
  )
}
