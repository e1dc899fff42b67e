import { createHash } from 'node:crypto'
import { ExpectedError } from '#contract/errors.ts'
import { bundleLimits } from './bundle-limits.ts'

/** Where the parts of a bundle go while it is read, named by their content. */
export interface PartStore {
  /** Takes a whole file. @throws what `content` throws: then nothing of it is kept */
  put(content: AsyncIterable<Uint8Array>): Promise<{ sha256: string; size: number }>
  /** @throws Error where there is none of it */
  bytes(sha256: string): Promise<Uint8Array>
}

/** Parts in memory: for tools, and checks that keep nothing. */
export class MemoryParts implements PartStore {
  readonly #parts = new Map<string, Uint8Array>()

  async put(content: AsyncIterable<Uint8Array>): Promise<{ sha256: string; size: number }> {
    const bytes = await readAll(content, { limit: bundleLimits.part, what: 'A part' })
    const sha256 = createHash('sha256').update(bytes).digest('hex')
    this.#parts.set(sha256, bytes)
    return { sha256, size: bytes.length }
  }

  async bytes(sha256: string): Promise<Uint8Array> {
    const found = this.#parts.get(sha256)
    if (found === undefined) throw new Error(`No part ${sha256}`)
    return found
  }
}

/** @throws ExpectedError `bundle_too_large` as soon as it is */
export async function readAll(
  content: AsyncIterable<Uint8Array>,
  { limit, what }: { limit: number; what: string },
): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  for await (const chunk of bounded(content, { limit, what })) chunks.push(chunk)
  return Buffer.concat(chunks)
}

/** @throws ExpectedError `bundle_too_large` as soon as it is */
export async function* bounded(
  content: AsyncIterable<Uint8Array>,
  { limit, what }: { limit: number; what: string },
): AsyncGenerator<Uint8Array> {
  let bytes = 0
  for await (const chunk of content) {
    bytes += chunk.byteLength
    if (bytes > limit) throw new ExpectedError('bundle_too_large', { what, limit })
    yield chunk
  }
}
