import { createHash } from 'node:crypto'
import type { BundleBuild } from '#contract/model/bundle.ts'

/** Bytes for one region of the flash. */
export interface OpenedPart {
  name: string
  offset: number
  bytes: Uint8Array
  /** Lower-case hex. */
  sha256: string
}

/**
 * Cuts out of parts what lies over the NVS partition: a merged image fills it with padding, and writing that would take
 * the settings of the board, or those that are about to be written.
 */
export function keepNvs(parts: readonly OpenedPart[], nvs: BundleBuild['nvs']): OpenedPart[] {
  if (nvs === null) return [...parts]
  const from = nvs.offset
  const to = nvs.offset + nvs.size
  return parts.flatMap((part) => {
    const end = part.offset + part.bytes.length
    if (end <= from || part.offset >= to) return [part]
    const before = part.bytes.subarray(0, Math.max(0, from - part.offset))
    const after = part.bytes.subarray(Math.max(0, to - part.offset))
    return [
      { offset: part.offset, bytes: before },
      { offset: to, bytes: after },
    ]
      .filter(({ bytes }) => bytes.length > 0)
      .map(({ offset, bytes }, index) => ({
        name: index === 0 ? part.name : `${part.name} (${index + 1})`,
        offset,
        bytes,
        sha256: createHash('sha256').update(bytes).digest('hex'),
      }))
  })
}
