import { ExpectedError } from '#contract/errors.ts'
import { MOST_BLOB_BYTES, MOST_KEY_BYTES, MOST_NAMESPACES, MOST_STRING_BYTES } from './layout.ts'
import { integerRange, isIntegerType, type NvsContents, type NvsValue } from './nvs-value.ts'

/**
 * That NVS can hold this, whatever the size of the partition.
 *
 * @throws ExpectedError `nvs_too_many_namespaces`, and what `checkKey` and `checkValue` throw
 */
export function checkContents(contents: NvsContents): void {
  const namespaces = Object.entries(contents)
  checkNamespaceCount(namespaces.length)
  for (const [namespace, values] of namespaces) {
    checkKey(namespace)
    for (const [key, value] of Object.entries(values)) {
      checkKey(key)
      checkValue(key, value)
    }
  }
}

/** @throws ExpectedError `nvs_too_many_namespaces` */
export function checkNamespaceCount(count: number): void {
  if (count > MOST_NAMESPACES)
    throw new ExpectedError('nvs_too_many_namespaces', { count, most: MOST_NAMESPACES })
}

/**
 * Of keys and of namespaces alike.
 *
 * @throws ExpectedError `nvs_key_too_long`, `nvs_key_invalid`
 */
export function checkKey(key: string): void {
  const length = Buffer.byteLength(key)
  if (length > MOST_KEY_BYTES)
    throw new ExpectedError('nvs_key_too_long', { key, length, most: MOST_KEY_BYTES })
  if (key === '') throw keyInvalid(key, 'it is empty')
  if (/\p{Cc}/u.test(key) || !key.isWellFormed())
    throw keyInvalid(key, 'it has a character that cannot be stored')
}

/** @throws ExpectedError `nvs_string_too_long`, `nvs_blob_too_long`, `nvs_value_invalid` */
export function checkValue(key: string, given: NvsValue): void {
  const { type, value } = given
  if (type === 'string') checkString(key, given)
  else if (type === 'blob') {
    if (value.length > MOST_BLOB_BYTES) throw tooLong('nvs_blob_too_long', key, value.length, MOST_BLOB_BYTES)
  } else if (!isIntegerType(type)) throw valueInvalid(key, `${String(type)} is no type of NVS`)
  else checkInteger(key, type, value)
}

function checkString(key: string, { value: text, raw }: Extract<NvsValue, { type: 'string' }>): void {
  if (text.includes('\0') || raw?.includes(0) === true)
    throw valueInvalid(key, 'a string ends at its first NUL; make it a blob')
  if (!text.isWellFormed()) throw valueInvalid(key, 'it is not Unicode')
  const length = (raw?.length ?? Buffer.byteLength(text)) + 1
  if (length > MOST_STRING_BYTES) throw tooLong('nvs_string_too_long', key, length, MOST_STRING_BYTES)
}

function checkInteger(key: string, type: Parameters<typeof integerRange>[0], value: number | bigint): void {
  const { least, most } = integerRange(type)
  const isWhole = typeof value === 'bigint' || Number.isSafeInteger(value)
  if (!isWhole || value < least || value > most)
    throw valueInvalid(key, `${value} is no ${type}, which goes from ${least} to ${most}`)
}

function keyInvalid(key: string, problem: string): ExpectedError {
  return new ExpectedError('nvs_key_invalid', { key, problem })
}

function valueInvalid(key: string, problem: string): ExpectedError {
  return new ExpectedError('nvs_value_invalid', { key, problem })
}

function tooLong(
  code: 'nvs_string_too_long' | 'nvs_blob_too_long',
  key: string,
  length: number,
  most: number,
): ExpectedError {
  return new ExpectedError(code, { key, length, most })
}
