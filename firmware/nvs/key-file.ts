import { ExpectedError } from '#contract/errors.ts'
import { nvsCrc, viewOf } from './layout.ts'

const KEY_BYTES = 64

/**
 * The keys of an encrypted NVS partition, from a key file or the content of an `nvs_keys` partition: 32 bytes for the
 * data, 32 for the tweak, then the CRC of both.
 *
 * @returns 64 bytes
 * @throws ExpectedError `nvs_key_file_invalid`
 */
export function readNvsKeyFile(file: Uint8Array): Uint8Array {
  if (file.length < KEY_BYTES + 4) throw invalid(`it has ${file.length} bytes, at least 68 are expected`)
  const key = file.slice(0, KEY_BYTES)
  if (key.every((byte) => byte === 0xff)) throw invalid('it is empty: no keys were made yet')
  if (viewOf(file).getUint32(KEY_BYTES, true) !== nvsCrc(key))
    throw invalid('its checksum is wrong: it is damaged, or another kind of file')
  return key
}

function invalid(problem: string): ExpectedError {
  return new ExpectedError('nvs_key_file_invalid', { problem })
}
