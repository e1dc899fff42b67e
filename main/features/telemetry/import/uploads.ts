import { ExpectedError } from '#contract/errors.ts'
import { IMPORT_LIMIT } from '#contract/model/telemetry-file.ts'
import type { Clock } from '#platform/clock/clock.ts'
import { uuid7 } from '#platform/ids/uuid7.ts'
import type { JobFiles, PartFile } from '#platform/jobs/job-files.ts'

/** Whoever may go on with an upload. */
export interface UploadOwner {
  id: string
  tenantId: string | null
}

interface Upload {
  owner: UploadOwner
  name: string
  /** Null once it is whole. */
  part: PartFile | null
  touchedAt: number
  isBusy: boolean
}

/** Uploads of all people together that are not yet part of a job. */
const MOST = 16
const MOST_OF_TENANT = 8
/** One more, and the one that this person left longest gives way. */
const MOST_OF_OWNER = 4
/** An upload that nobody goes on with is given up, ms. */
const IDLE = 60 * 60_000

/** Files on their way into a job: in its folder-to-be, gone with the next start when none came of it. */
export class Uploads {
  readonly #files: JobFiles
  readonly #clock: Clock
  readonly #limit: number
  readonly #uploads = new Map<string, Upload>()

  constructor(files: JobFiles, clock: Clock, limit = IMPORT_LIMIT) {
    this.#files = files
    this.#clock = clock
    this.#limit = limit
  }

  /** @throws ExpectedError `too_many_jobs`, `job_disk_full` */
  async begin(owner: UploadOwner, name: string): Promise<string> {
    await this.giveUpIdle()
    // From here to the new one's place in the map nothing waits: others begin at the same time.
    const evicted = this.#evict(owner)
    const ofTenant = [...this.#uploads.values()].filter(
      (upload) => owner.tenantId !== null && upload.owner.tenantId === owner.tenantId,
    )
    if (ofTenant.length >= MOST_OF_TENANT) throw new ExpectedError('too_many_jobs', { limit: MOST_OF_TENANT })
    if (this.#uploads.size >= MOST) throw new ExpectedError('too_many_jobs', { limit: MOST })
    const now = this.#clock.now()
    const id = uuid7(now)
    const upload: Upload = { owner, name, part: null, touchedAt: now, isBusy: true }
    this.#uploads.set(id, upload)
    try {
      await evicted
      upload.part = await this.#files.openPart(id, 'input')
    } catch (error) {
      this.#uploads.delete(id)
      throw error
    }
    upload.isBusy = false
    return id
  }

  /**
   * Adds the bytes that follow. @returns bytes so far
   * @throws ExpectedError `not_found` of another's, and for parts out of order; `import_too_large`, `job_disk_full`
   */
  async append(owner: UploadOwner, id: string, offset: number, bytes: Uint8Array): Promise<number> {
    const upload = this.#find(owner, id)
    const { part } = upload
    if (!part || upload.isBusy || offset !== part.bytes) throw notFound(id)
    upload.isBusy = true
    upload.touchedAt = this.#clock.now()
    try {
      if (part.bytes + bytes.byteLength > this.#limit)
        throw new ExpectedError('import_too_large', { limit: this.#limit })
      await part.write(bytes)
    } catch (error) {
      await this.giveUp(id)
      throw error
    }
    upload.isBusy = false
    return part.bytes
  }

  /**
   * Closes an upload; its file is whole and on disk, and stays until it is taken or released.
   * @returns its name @throws ExpectedError `not_found`
   */
  async finish(owner: UploadOwner, id: string): Promise<string> {
    const upload = this.#find(owner, id)
    if (upload.isBusy) throw notFound(id)
    const { part } = upload
    upload.isBusy = true
    upload.part = null
    try {
      await part?.commit()
    } catch (error) {
      await this.giveUp(id)
      throw error
    }
    return upload.name
  }

  /** No job came of a finished one: another may. */
  release(id: string): void {
    const upload = this.#uploads.get(id)
    if (upload) upload.isBusy = false
  }

  has(owner: UploadOwner, id: string): boolean {
    return this.#uploads.get(id)?.owner.id === owner.id
  }

  /** Its file went over to a job. */
  async taken(id: string): Promise<void> {
    this.#uploads.delete(id)
    await this.#files.remove(id)
  }

  async giveUp(id: string): Promise<void> {
    const upload = this.#uploads.get(id)
    this.#uploads.delete(id)
    await upload?.part?.discard()
    await this.#files.remove(id)
  }

  /** Those that nobody went on with for an hour. */
  async giveUpIdle(): Promise<void> {
    const before = this.#clock.now() - IDLE
    for (const [id, { touchedAt, isBusy }] of this.#uploads)
      if (touchedAt < before && !isBusy) await this.giveUp(id)
  }

  /** Resolves when the files are gone; their places are free at once. @throws ExpectedError `too_many_jobs` */
  #evict(owner: UploadOwner): Promise<void> | undefined {
    const own = [...this.#uploads].filter(([, upload]) => upload.owner.id === owner.id)
    if (own.length < MOST_OF_OWNER) return undefined
    const [oldest] = own
      .filter(([, { isBusy }]) => !isBusy)
      .toSorted(([, a], [, b]) => a.touchedAt - b.touchedAt)
    if (!oldest) throw new ExpectedError('too_many_jobs', { limit: MOST_OF_OWNER })
    return this.giveUp(oldest[0])
  }

  #find(owner: UploadOwner, id: string): Upload {
    const upload = this.#uploads.get(id)
    if (!upload || upload.owner.id !== owner.id) throw notFound(id)
    return upload
  }
}

function notFound(id: string): ExpectedError {
  return new ExpectedError('not_found', { what: 'upload', id })
}
