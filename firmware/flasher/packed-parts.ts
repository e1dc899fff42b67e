import { createHash } from 'node:crypto'
import type { FlashPart } from '#contract/model/board.ts'
import { type PackedPart, packPart } from './packed-part.ts'

/** Framed bytes that are kept: some bundles, each a megabyte or two. */
const KEPT_BYTES = 64 * 1024 * 1024

/**
 * Parts made ready once for all boards that get the same ones. Only parts that say so (`isShared`) are kept: what
 * belongs to one gateway holds its key.
 */
export class PackedParts {
  /** The oldest first. */
  private readonly kept = new Map<string, { packing: Promise<PackedPart>; size: number }>()
  private keptBytes = 0
  private readonly packing: typeof packPart

  constructor(packing: typeof packPart = packPart) {
    this.packing = packing
  }

  async pack(part: FlashPart, blockSize: number): Promise<PackedPart> {
    if (part.isShared !== true) return this.packing(part.bytes, blockSize)
    const key = `${createHash('sha256').update(part.bytes).digest('hex')}/${blockSize}`
    const found = this.kept.get(key)
    if (found) {
      this.kept.delete(key)
      this.kept.set(key, found)
      return found.packing
    }
    const entry = { packing: this.packing(part.bytes, blockSize), size: part.bytes.length }
    this.kept.set(key, entry)
    this.keptBytes += entry.size
    this.dropOldest()
    // One that failed is tried anew for the next board.
    entry.packing.catch(() => {
      if (this.kept.get(key) !== entry) return
      this.kept.delete(key)
      this.keptBytes -= entry.size
    })
    return entry.packing
  }

  private dropOldest(): void {
    for (const [key, { size }] of this.kept) {
      if (this.keptBytes <= KEPT_BYTES || this.kept.size === 1) return
      this.kept.delete(key)
      this.keptBytes -= size
    }
  }
}
