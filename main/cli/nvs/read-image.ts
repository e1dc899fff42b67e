import { type NvsContents, type NvsValue, readNvs } from '#firmware/nvs/index.ts'
import { readBounded } from '../files/read-bounded.ts'
import type { Output } from '../output.ts'
import { printable } from '../table.ts'
import { keyOf } from './key-of.ts'
import { shownValue } from './shown-value.ts'

export interface ReadFlags {
  keyFile?: string
  lenient?: boolean
  json?: boolean
}

/** Bytes: far above what any board gives its settings. */
export const IMAGE_MOST = 16 * 1024 * 1024

/** `millwright nvs read`. */
export async function readImage(output: Output, path: string, flags: ReadFlags): Promise<void> {
  const key = await keyOf(flags.keyFile)
  const image = await readBounded(path, IMAGE_MOST)
  const { namespaces, warnings } = readNvs(image, { key, mode: flags.lenient ? 'lenient' : 'strict' })
  for (const warning of warnings) output.note(printable(warning))
  if (flags.json) {
    output.json(jsonOf(namespaces))
    return
  }
  output.table(
    ['NAMESPACE', 'KEY', 'TYPE', 'VALUE'],
    Object.entries(namespaces).flatMap(([namespace, values]) =>
      Object.entries(values).map(([name, value]) => [namespace, name, value.type, shownValue(name, value)]),
    ),
  )
}

/** `{namespace: {key: {type, value}}}`: blobs in Base64, integers that a double cannot hold as strings. */
function jsonOf(
  contents: NvsContents,
): Record<string, Record<string, { type: string; value: string | number }>> {
  return mapped(contents, (values) =>
    mapped(values, (value) => ({ type: value.type, value: jsonValue(value) })),
  )
}

function jsonValue(one: NvsValue): string | number {
  if (one.type === 'blob') return Buffer.from(one.value).toString('base64')
  if (typeof one.value !== 'bigint') return one.value
  return Number.isSafeInteger(Number(one.value)) ? Number(one.value) : one.value.toString()
}

/** Keys come from outside: without a prototype "__proto__" is a key as any other. */
function mapped<A, B>(from: Record<string, A>, map: (value: A) => B): Record<string, B> {
  const to: Record<string, B> = Object.create(null)
  for (const [key, value] of Object.entries(from)) to[key] = map(value)
  return to
}
