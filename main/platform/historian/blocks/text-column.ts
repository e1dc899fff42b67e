import { BlockDamaged } from './block-damaged.ts'
import type { ColumnSink, ColumnSource } from './column-streams.ts'
import { readWholes, writeWholes } from './whole-column.ts'

/** UTF-8 of all different texts of a block. */
export const TEXT_BYTES_MAX = 2 ** 28

const encoder = new TextEncoder()
// Else it would leave out a byte order mark.
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/**
 * Texts as a dictionary, in order of first use, and an index into it for each row.
 *
 *     entries  varint
 *     sizes           a column of whole numbers: bytes of each entry
 *     entries         their UTF-8, one after the other
 *     indexes         a column of whole numbers, one for each row
 *
 * @throws RangeError more than TEXT_BYTES_MAX
 */
export function writeTexts(
  sink: ColumnSink,
  texts: readonly string[],
  indexes: Float64Array,
  count: number,
): void {
  const entryOf = new Map<string, number>()
  const entries: Uint8Array[] = []
  const used = new Float64Array(count)
  let bytes = 0
  for (let i = 0; i < count; i++) {
    const text = texts[indexes[i] as number]
    if (text === undefined) throw new RangeError(`no text ${indexes[i]}`)
    let entry = entryOf.get(text)
    if (entry === undefined) {
      entry = entries.length
      entryOf.set(text, entry)
      const encoded = encoder.encode(text)
      entries.push(encoded)
      bytes += encoded.length
      if (bytes > TEXT_BYTES_MAX) throw new RangeError('too much text for a block')
    }
    used[i] = entry
  }
  sink.head.varint(entries.length)
  writeWholes(
    sink,
    Float64Array.from(entries, (entry) => entry.length),
    entries.length,
  )
  for (const entry of entries) sink.head.append(entry)
  writeWholes(sink, used, count)
}

/** Fills `indexes`; returns the dictionary. @throws BlockDamaged */
export function readTexts(source: ColumnSource, indexes: Float64Array, count: number): string[] {
  const size = source.head.count(count)
  const sizes = new Float64Array(size)
  readWholes(source, sizes, size)
  const texts: string[] = []
  for (const bytes of sizes) {
    if (bytes < 0) throw new BlockDamaged('a text of negative size')
    texts.push(textOf(source.head.take(bytes)))
  }
  readWholes(source, indexes, count)
  for (let i = 0; i < count; i++) {
    const index = indexes[i] as number
    if (!(index >= 0 && index < size)) throw new BlockDamaged(`text ${index} of ${size}`)
  }
  return texts
}

function textOf(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes)
  } catch (cause) {
    throw new BlockDamaged('a text is no UTF-8', { cause })
  }
}
