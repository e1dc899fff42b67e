import { readNvsKeyFile } from '#firmware/nvs/index.ts'
import { readBounded } from '../files/read-bounded.ts'

/** Bytes: an `nvs_keys` partition as it is read off a board. */
const KEY_FILE_MOST = 64 * 1024

/** @throws CliError `file_not_readable`; ExpectedError `nvs_key_file_invalid` */
export async function keyOf(path: string | undefined): Promise<Uint8Array | null> {
  return path === undefined ? null : readNvsKeyFile(await readBounded(path, KEY_FILE_MOST))
}
