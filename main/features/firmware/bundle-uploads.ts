import { ExpectedError } from '#contract/errors.ts'
import { BUNDLE_MOST } from '#contract/model/bundle.ts'
import type { Actor } from '#features/access/index.ts'

/** Files on their way in, which the engine has for every feature that takes some. */
export interface UploadStore {
  upload(
    actor: Actor,
    part: { uploadId?: string | undefined; name: string; offset: number; bytes: Uint8Array },
  ): Promise<{ uploadId: string; bytes: number }>
  uploadAll(actor: Actor, name: string, body: AsyncIterable<Uint8Array>): Promise<string>
  lend(actor: Actor, uploadId: string): Promise<{ name: string; path: string }>
  giveUp(actor: Actor, uploadId: string): Promise<void>
}

/** The ZIPs of bundles on their way in: none grows beyond what a bundle may have, none stays. */
export class BundleUploads {
  readonly #store: UploadStore

  constructor(store: UploadStore) {
    this.#store = store
  }

  /** @throws ExpectedError `bundle_too_large`, and those of the store */
  async part(
    actor: Actor,
    part: Parameters<UploadStore['upload']>[1],
  ): Promise<{ uploadId: string; bytes: number }> {
    if (part.offset + part.bytes.byteLength > BUNDLE_MOST) {
      if (part.uploadId !== undefined) await this.#store.giveUp(actor, part.uploadId)
      throw tooLarge()
    }
    return this.#store.upload(actor, part)
  }

  /** @returns the upload @throws ExpectedError `bundle_too_large`, and those of the store */
  whole(actor: Actor, name: string, body: AsyncIterable<Uint8Array>): Promise<string> {
    return this.#store.uploadAll(actor, name, bounded(body))
  }

  /** Hands the file to `run`; then it is gone. @throws ExpectedError `not_found`, what `run` throws */
  async take<Result>(
    actor: Actor,
    uploadId: string,
    run: (upload: { file: string; fileName: string }) => Promise<Result>,
  ): Promise<Result> {
    const { name, path } = await this.#store.lend(actor, uploadId)
    try {
      return await run({ file: path, fileName: name })
    } finally {
      await this.#store.giveUp(actor, uploadId)
    }
  }
}

async function* bounded(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let bytes = 0
  for await (const chunk of body) {
    bytes += chunk.byteLength
    if (bytes > BUNDLE_MOST) throw tooLarge()
    yield chunk
  }
}

function tooLarge(): ExpectedError {
  return new ExpectedError('bundle_too_large', { what: 'The ZIP', limit: BUNDLE_MOST })
}
