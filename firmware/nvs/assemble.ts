import type { ImageCheck } from './image-check.ts'
import { ItemType, integerCodes, integerTypeOf, MOST_NAMESPACES, viewOf } from './layout.ts'
import { integerTypes, integerValue, type NvsContents, type NvsValue } from './nvs-value.ts'
import type { NvsItem } from './read-item.ts'
import type { NvsPage } from './read-page.ts'

/**
 * Puts namespaces and values together from the items of all pages.
 *
 * @param pages oldest first: of two values under one key, the later one counts
 */
export function assemble(pages: readonly NvsPage[], check: ImageCheck): NvsContents {
  const items = pages.flatMap((page) => page.items)
  const names = readNamespaces(items, check)
  // Keys come from outside: an object without a prototype takes "__proto__" as any other.
  const contents: NvsContents = Object.create(null)
  for (const name of names.values()) contents[name] ??= Object.create(null)
  const chunks = new Chunks(check)
  const values = new Map<string, NvsItem[]>()
  for (const item of items) {
    if (item.namespace === 0) continue
    if (!names.has(item.namespace)) check.fault(item.offset, `${item.key} is in no namespace; it is left out`)
    else if (item.type === ItemType.blobData) chunks.add(item)
    else putVersion(values, item)
  }
  for (const versions of values.values()) {
    const [newest, value] = newestOf(versions, chunks, check)
    const namespace = contents[names.get(newest?.namespace ?? 0) ?? '']
    if (newest !== undefined && value !== null && namespace !== undefined) namespace[newest.key] = value
  }
  chunks.checkAllUsed()
  return contents
}

function putVersion(values: Map<string, NvsItem[]>, item: NvsItem): void {
  const versions = values.get(nameOf(item))
  if (versions === undefined) values.set(nameOf(item), [item])
  else versions.push(item)
}

function nameOf({ namespace, key }: NvsItem): string {
  return `${namespace}/${key}`
}

/** Index -> name. */
function readNamespaces(items: readonly NvsItem[], check: ImageCheck): Map<number, string> {
  const names = new Map<number, string>()
  const taken = new Set<string>()
  for (const item of items) {
    if (item.namespace !== 0) continue
    const index = item.data[0] ?? 0
    if (item.type !== integerCodes.u8 || index < 1 || index > MOST_NAMESPACES) {
      check.fault(item.offset, `${item.key} is no name of a namespace; it is left out`)
      continue
    }
    if (names.has(index)) check.fault(item.offset, `namespace ${index} is named twice; the later name counts`)
    else if (taken.has(item.key)) check.fault(item.offset, `there are two namespaces ${item.key}`)
    names.set(index, item.key)
    taken.add(item.key)
  }
  return names
}

/** The latest version of a value that is whole. */
function newestOf(
  versions: readonly NvsItem[],
  chunks: Chunks,
  check: ImageCheck,
): [item: NvsItem | undefined, value: NvsValue | null] {
  const latest = versions.toReversed()
  for (const [index, item] of latest.entries()) {
    const value = valueOf(item, chunks, check)
    if (value === null) continue
    for (const older of latest.slice(index + 1)) {
      check.fault(older.offset, `${older.key} is there twice; the older value is left out`)
      if (older.type === ItemType.blobIndex) chunks.giveUp(older)
    }
    return [item, value]
  }
  return [undefined, null]
}

function valueOf(item: NvsItem, chunks: Chunks, check: ImageCheck): NvsValue | null {
  const integer = integerTypeOf(item.type)
  if (integer !== undefined) return integerValue(integer, integerOf(item.data, integerTypes[integer]))
  if (item.type === ItemType.string) return stringOf(item, check)
  const blob = item.type === ItemType.blobIndex ? chunks.join(item) : item.payload
  return blob === null ? null : { type: 'blob', value: new Uint8Array(blob) }
}

function integerOf(data: Uint8Array, { bytes, isSigned }: { bytes: number; isSigned: boolean }): bigint {
  const value = viewOf(data).getBigUint64(0, true)
  return isSigned ? BigInt.asIntN(bytes * 8, value) : BigInt.asUintN(bytes * 8, value)
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const anyUtf8 = new TextDecoder('utf-8', { ignoreBOM: true })

function stringOf({ payload, offset, key }: NvsItem, check: ImageCheck): NvsValue | null {
  const bytes = payload ?? new Uint8Array()
  const end = bytes.indexOf(0)
  if (end === -1) {
    check.fault(offset, `the string ${key} has no end; it is left out`)
    return null
  }
  if (end !== bytes.length - 1)
    check.fault(offset, `the string ${key} goes on behind its end, which is left out`)
  const text = bytes.subarray(0, end)
  try {
    return { type: 'string', value: utf8.decode(text) }
  } catch {
    check.fault(offset, `the string ${key} is not UTF-8`)
    return { type: 'string', value: anyUtf8.decode(text), raw: new Uint8Array(text) }
  }
}

/** Parts of blobs, until their index tells which belong together. */
class Chunks {
  readonly #check: ImageCheck
  readonly #chunks = new Map<string, NvsItem>()
  readonly #used = new Set<string>()

  constructor(check: ImageCheck) {
    this.#check = check
  }

  add(item: NvsItem): void {
    const id = `${nameOf(item)}/${item.chunk}`
    if (this.#chunks.has(id))
      this.#check.fault(item.offset, `a part of ${item.key} is there twice; the later one counts`)
    this.#chunks.set(id, item)
  }

  /** @returns null where parts are missing, which was said */
  join(index: NvsItem): Uint8Array | null {
    const size = viewOf(index.data).getUint32(0, true)
    const found = this.#partsOf(index)
    const parts = found.flatMap(([, item]) => (item?.payload ? [item.payload] : []))
    const bytes = parts.reduce((sum, part) => sum + part.length, 0)
    for (const [id] of found) this.#used.add(id)
    if (bytes === size && parts.length === found.length) return Buffer.concat(parts)
    this.#check.fault(
      index.offset,
      `parts of ${index.key} are missing: ${bytes} of ${size} bytes are there; it is left out`,
    )
    return null
  }

  giveUp(index: NvsItem): void {
    for (const [id] of this.#partsOf(index)) this.#used.add(id)
  }

  checkAllUsed(): void {
    for (const [id, { offset, key }] of this.#chunks) {
      if (!this.#used.has(id))
        this.#check.fault(offset, `a part of ${key} belongs to no blob; it is left out`)
    }
  }

  #partsOf(index: NvsItem): [id: string, item: NvsItem | undefined][] {
    const count = index.data[4] ?? 0
    const start = index.data[5] ?? 0
    return Array.from({ length: count }, (_, number) => {
      const id = `${nameOf(index)}/${start + number}`
      return [id, this.#chunks.get(id)]
    })
  }
}
