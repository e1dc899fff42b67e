import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { SafeStorage } from 'electron'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { electronKeychain, type Keychain, keychainKey } from './keychain-key.ts'

let folder = ''
let file = ''
const log: string[] = []

/** A keychain that can be opened only by whoever made it. */
function keychain(secret: string, available = true): Keychain {
  return {
    available: async () => available,
    encrypt: async (text) => Buffer.from(`${secret}:${text}`),
    decrypt: async (box) => {
      const text = Buffer.from(box).toString()
      if (!text.startsWith(`${secret}:`)) throw new Error('wrong keychain')
      return text.slice(secret.length + 1)
    },
  }
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'keychain-'))
  file = join(folder, 'below', 'site-key.bin')
  log.length = 0
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

test('one key is made and found again', async () => {
  const key = await ask(keychain('a'))
  expect(key).toHaveLength(32)
  expect(await ask(keychain('a'))).toEqual(key)
})

test('the file is for its owner only', async () => {
  await ask(keychain('a'))
  // Windows knows no modes: there the person's profile folder guards the file.
  expect(statSync(file).mode & 0o777).toBe(process.platform === 'win32' ? 0o666 : 0o600)
})

test('a system without a keychain has no key', async () => {
  expect(await ask(keychain('a', false))).toBeNull()
  expect(log).toHaveLength(1)
})

test('a keychain that does not open the file leaves it as it is', async () => {
  const key = await ask(keychain('a'))
  const box = readFileSync(file)
  expect(await ask(keychain('b'))).toBeNull()
  expect(readFileSync(file)).toEqual(box)
  // The person's keychain comes back: so does the key.
  expect(await ask(keychain('a'))).toEqual(key)
  expect(log.join()).not.toContain(Buffer.from(key ?? []).toString('base64'))
})

test.each<[string, NodeJS.Platform, string, boolean]>([
  ['GNOME', 'linux', 'gnome_libsecret', true],
  ['no keyring', 'linux', 'basic_text', false],
  ['not ready', 'linux', 'unknown', false],
  ['Windows', 'win32', 'basic_text', true],
])('%s counts as a keychain as it should', async (_name, platform, backend, counts) => {
  const storage = { getSelectedStorageBackend: () => backend, isAsyncEncryptionAvailable: async () => true }
  expect(await electronKeychain(storage as unknown as SafeStorage, platform).available()).toBe(counts)
})

function ask(chain: Keychain): Promise<Uint8Array | null> {
  return keychainKey(file, chain, (line) => log.push(line))
}
