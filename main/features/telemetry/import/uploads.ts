import { ExpectedError } from '#contract/errors.ts'
import { IMPORT_LIMIT } from '#contract/model/telemetry-file.ts'
import type { Clock } from '#platform/clock/clock.ts'
import { uuid7 } from '#platform/ids/uuid7.ts'
import type { JobFiles, PartFile } from '#platform/jobs/job-files.ts'

interface Upload {
  owner: string
  name: string
  /** Null once it is whole. */
  part: PartFile | null
  touchedAt: number
  isBusy: boolean
}

/** Uploads of all people together that are not yet part of a job. */
const MOST = 16
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

  /** `owner`: whoever may go on with it. @throws ExpectedError `too_many_jobs`, `job_disk_full` */
  async begin(owner: string, name: string): Promise<string> {
    await this.#giveUpIdle()
    if (this.#uploads.size >= MOST) throw new ExpectedError('too_many_jobs', { limit: MOST })
    const now = this.#clock.now()
    const id = uuid7(now)
    const upload: Upload = { owner, name, part: null, touchedAt: now, isBusy: true }
    this.#uploads.set(id, upload)
    try {
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
  async append(owner: string, id: string, offset: number, bytes: Uint8Array): Promise<number> {
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

  /** Closes an upload; its file is whole and on disk. @returns its name @throws ExpectedError `not_found` */
  async finish(owner: string, id: string): Promise<string> {
    const upload = this.#find(owner, id)
    if (upload.isBusy) throw notFound(id)
    const { part } = upload
    upload.part = null
    await part?.commit()
    return upload.name
  }

  has(owner: string, id: string): boolean {
    return this.#uploads.get(id)?.owner === owner
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

  #find(owner: string, id: string): Upload {
    const upload = this.#uploads.get(id)
    if (!upload || upload.owner !== owner) throw notFound(id)
    return upload
  }

  async #giveUpIdle(): Promise<void> {
    const before = this.#clock.now() - IDLE
    for (const [id, { touchedAt, isBusy }] of this.#uploads)
      if (touchedAt < before && !isBusy) await this.giveUp(id)
  }
}

function notFound(id: string): ExpectedError {
  return new ExpectedError('not_found', { what: 'upload', id })
}
