import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { SafeStorage } from 'electron'
import { replaceFile } from './replace-file.ts'

/** The system's keychain, as far as it is used here. */
export interface Keychain {
  available(): Promise<boolean>
  encrypt(text: string): Promise<Uint8Array>
  decrypt(box: Uint8Array): Promise<string>
}

/** Electron's `safeStorage` as a keychain. Its `basic_text` back end encrypts under a constant, so it does not count as one. */
export function electronKeychain(storage: SafeStorage, platform: NodeJS.Platform): Keychain {
  return {
    available: async () =>
      !(platform === 'linux' && ['basic_text', 'unknown'].includes(storage.getSelectedStorageBackend())) &&
      (await storage.isAsyncEncryptionAvailable()),
    encrypt: (text) => storage.encryptStringAsync(text),
    decrypt: async (box) => (await storage.decryptStringAsync(Buffer.from(box))).result,
  }
}

/**
 * The 32 bytes that wrap the site key on this machine: made once and kept in `file`, encrypted by the keychain.
 *
 * @returns null where there is no keychain, or where it no longer opens the file: the site then needs another of
 *   its key slots. The file is never overwritten, since the keychain may come back.
 */
export async function keychainKey(
  file: string,
  keychain: Keychain,
  log: (line: string) => void,
): Promise<Uint8Array | null> {
  if (!(await keychain.available())) {
    log('This system has no keychain that counts as one: the site key needs another slot')
    return null
  }
  const box = readBox(file)
  if (box) {
    try {
      const key = Buffer.from(await keychain.decrypt(box), 'base64')
      if (key.length === 32) return key
      log(`${file} holds no key`)
    } catch {
      // The message of the system's error could hold anything; that it failed is what counts.
      log(`The keychain does not open ${file}`)
    }
    return null
  }
  const key = randomBytes(32)
  replaceFile(file, await keychain.encrypt(key.toString('base64')))
  return key
}

function readBox(file: string): Uint8Array | null {
  try {
    return readFileSync(file)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}
