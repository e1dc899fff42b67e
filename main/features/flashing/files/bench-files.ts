import { readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { ExpectedError } from '#contract/errors.ts'
import { type Actor, auditActor, scopeOf } from '#features/access/index.ts'
import type { Clock } from '#platform/clock/clock.ts'
import { uuid7 } from '#platform/ids/uuid7.ts'
import { type DiskRoom, roomBeyondReserve } from '#platform/jobs/disk-room.ts'
import { makePrivateFolder } from '#platform/secrets/durable-file.ts'
import type { Sealer } from '#platform/secrets/sealing.ts'
import { contentSize, readSealed, type WrittenFile, writeSealed } from './sealed-file.ts'

/** ms that files of the bench are kept. */
export const BENCH_FILE_LIFE = 24 * 60 * 60_000
/** The largest flash of the chips that are flashed. */
export const BENCH_FILE_MOST = 32 * 1024 ** 2
/** Uploads of one caller at a time: of more, the oldest goes. */
const UPLOADS_EACH = 8

interface Upload {
  owner: string
  /** Null: of somebody of the whole site. */
  tenantId: string | null
  name: string
  bytes: number
  at: number
}

export interface BenchFilesDependencies {
  dataDir: string
  clock: Clock
  sealer(): Sealer
  diskRoom?: DiskRoom
}

/**
 * Files for boards, and of boards: what was uploaded to be written, and backups of whole flashes. Sealed on the disk,
 * deleted after 24 hours; uploads also when the site starts, for nobody holds their ids any more.
 */
export class BenchFiles {
  readonly #dependencies: BenchFilesDependencies
  readonly #uploads = new Map<string, Upload>()

  constructor(dependencies: BenchFilesDependencies) {
    this.#dependencies = dependencies
  }

  /** Before anything is uploaded or backed up. @throws ExpectedError `data_not_writable` */
  async start(): Promise<void> {
    await makePrivateFolder(this.#folder())
    for (const kind of ['uploads', 'backups'] as const) await makePrivateFolder(this.#folder(kind))
    for (const file of await readdir(this.#folder('uploads')))
      await rm(join(this.#folder('uploads'), file), { force: true })
    // Of jobs that the end of the site cut off.
    for (const file of await readdir(this.#folder('backups')))
      if (file.endsWith('.part')) await rm(join(this.#folder('backups'), file), { force: true })
  }

  /** Deletes what is too old; also once after `start`. @returns the jobs whose backups are gone */
  async sweep(): Promise<string[]> {
    const { clock } = this.#dependencies
    const before = clock.now() - BENCH_FILE_LIFE
    for (const [id, { at }] of this.#uploads) if (at < before) await this.giveUp(id)
    const gone: string[] = []
    for (const file of await readdir(this.#folder('backups'))) {
      const path = join(this.#folder('backups'), file)
      const { mtimeMs } = await stat(path)
      if (mtimeMs >= before) continue
      await rm(path, { force: true })
      gone.push(file)
    }
    return gone
  }

  /**
   * Takes a file that a board is to hold.
   *
   * @throws ExpectedError `import_too_large`, `job_disk_full`
   */
  async take(
    actor: Actor,
    name: string,
    body: AsyncIterable<Uint8Array>,
  ): Promise<{ uploadId: string; bytes: number; sha256: string }> {
    const { clock } = this.#dependencies
    const owner = ownerOf(actor)
    await this.#requireRoom()
    const uploadId = uuid7(clock.now())
    const written = await this.#write(this.#path('uploads', uploadId), uploadId, bounded(body))
    const scope = scopeOf(actor)
    const tenantId = scope.all ? null : scope.tenantId
    this.#uploads.set(uploadId, { owner, tenantId, name, bytes: written.bytes, at: clock.now() })
    const own = [...this.#uploads].filter(([, upload]) => upload.owner === owner)
    for (const [id] of own.slice(0, Math.max(0, own.length - UPLOADS_EACH))) await this.giveUp(id)
    return { uploadId, ...written }
  }

  /** What somebody uploaded, for themselves alone. @throws ExpectedError `file_missing` */
  requireUpload(actor: Actor, uploadId: string): { name: string; bytes: number } {
    const upload = this.#uploads.get(uploadId)
    if (upload === undefined || upload.owner !== ownerOf(actor)) throw new ExpectedError('file_missing')
    return { name: upload.name, bytes: upload.bytes }
  }

  /** Whole: a flash has 32 MB at most. @throws ExpectedError `file_missing`, `data_damaged` */
  async readUpload(uploadId: string): Promise<Buffer> {
    const chunks: Buffer[] = []
    for await (const chunk of this.#read('uploads', uploadId)) chunks.push(chunk)
    return Buffer.concat(chunks)
  }

  /** A tenant is to go: what its people uploaded is gone. */
  async forgetTenant(tenantId: string): Promise<void> {
    for (const [id, upload] of this.#uploads) if (upload.tenantId === tenantId) await this.giveUp(id)
  }

  async giveUp(uploadId: string): Promise<void> {
    this.#uploads.delete(uploadId)
    await rm(this.#path('uploads', uploadId), { force: true })
  }

  /** Keeps the flash of a board; the job's earlier one is replaced. @throws ExpectedError `job_disk_full` */
  async keepBackup(jobId: string, flash: Uint8Array): Promise<WrittenFile> {
    await this.#requireRoom()
    return this.#write(this.#path('backups', jobId), jobId, [flash])
  }

  /** @throws ExpectedError `file_missing` */
  async openBackup(jobId: string): Promise<{ bytes: number; content: AsyncIterable<Buffer> }> {
    try {
      const { size } = await stat(this.#path('backups', jobId))
      return { bytes: contentSize(size), content: this.#read('backups', jobId) }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw new ExpectedError('file_missing')
      throw error
    }
  }

  async deleteBackup(jobId: string): Promise<void> {
    await rm(this.#path('backups', jobId), { force: true })
  }

  #write(
    path: string,
    id: string,
    content: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  ): Promise<WrittenFile> {
    return writeSealed(path, { id, sealer: this.#dependencies.sealer(), content })
  }

  #read(kind: 'uploads' | 'backups', id: string): AsyncGenerator<Buffer> {
    return readSealed(this.#path(kind, id), { id, sealer: this.#dependencies.sealer() })
  }

  async #requireRoom(): Promise<void> {
    const { diskRoom = roomBeyondReserve } = this.#dependencies
    if ((await diskRoom(this.#folder())) < BENCH_FILE_MOST)
      throw new ExpectedError('job_disk_full', { bytes: 0 })
  }

  #folder(kind?: 'uploads' | 'backups'): string {
    const { dataDir } = this.#dependencies
    return kind === undefined ? join(dataDir, 'bench') : join(dataDir, 'bench', kind)
  }

  /** Ids are made here or are those of jobs: never a path from outside. */
  #path(kind: 'uploads' | 'backups', id: string): string {
    if (!/^[0-9a-f-]{36}$/.test(id)) throw new ExpectedError('file_missing')
    return join(this.#folder(kind), id)
  }
}

/** @throws ExpectedError `import_too_large` as soon as it is */
async function* bounded(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let bytes = 0
  for await (const chunk of body) {
    bytes += chunk.byteLength
    if (bytes > BENCH_FILE_MOST) throw new ExpectedError('import_too_large', { limit: BENCH_FILE_MOST })
    yield chunk
  }
}

function ownerOf(actor: Actor): string {
  const { kind, id } = auditActor(actor)
  return `${kind}:${id ?? ''}`
}
