import { hkdfSync, randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { ExpectedError } from '#contract/errors.ts'
import { makePrivateFolder, removeDurably, writeDurably } from './durable-file.ts'
import { openBox } from './gcm-box.ts'
import { type KeySlot, keyFilePath, keysFolder, readSlots, slotsPath, writeSlots } from './key-slots.ts'
import { recoveryWrappingKey } from './recovery-code.ts'
import {
  passphraseWrappingKey,
  type SlotRequest,
  slotBinding,
  type WrappedSlot,
  wrapSiteKey,
} from './slot-wrapping.ts'

/** The one 256-bit key of a site, under which everything secret is sealed. It lives in memory only. */
export class SiteKey {
  readonly #bytes: Buffer

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  /** 32 bytes for one use, the same each time (RFC 5869): other uses learn nothing of them. */
  derive(use: string): Buffer {
    return Buffer.from(hkdfSync('sha256', this.#bytes, new Uint8Array(), `millwright/${use}`, 32))
  }

  /** Only for wrapping it into another slot. */
  bytes(): Uint8Array {
    return this.#bytes
  }

  /** Overwrites the key in memory, as far as the runtime lets us. */
  destroy(): void {
    this.#bytes.fill(0)
  }
}

export interface CreatedSiteKey {
  siteKey: SiteKey
  /** Only where a recovery code was asked for: show it now, it is kept nowhere. */
  recoveryCode: string | null
}

/** What a person or the host can give; the key file is tried by itself. */
export interface SiteKeyOpeners {
  passphrase?: string
  recoveryCode?: string
  /** 32 bytes from an OS keychain or a systemd credential. */
  external?: Uint8Array
}

/** Whether a data folder has a site key, whatever opens it. @throws ExpectedError `data_damaged` */
export async function hasSiteKey(dataDir: string): Promise<boolean> {
  return (await readSlots(dataDir)).length > 0
}

/**
 * Makes the site key of a new data folder, with at least one slot. Never replaces one: what is sealed under it
 * would be lost.
 *
 * @throws ExpectedError `data_not_writable`, `data_damaged`, `setup_done`
 */
export async function createSiteKey(
  dataDir: string,
  options: { slots: SlotRequest[]; now: number },
): Promise<CreatedSiteKey> {
  if (options.slots.length === 0) throw new Error('A site key needs a slot that opens it')
  await makePrivateFolder(keysFolder(dataDir))
  if (await hasSiteKey(dataDir)) throw new ExpectedError('setup_done')
  const bytes = randomBytes(32)
  const made: WrappedSlot[] = []
  for (const request of options.slots) made.push(await wrapSiteKey(bytes, request, options.now))
  // The key file first: a power cut between the two leaves an unused key file, not slots that nothing opens.
  for (const { keyFile } of made) if (keyFile) await writeKeyFile(dataDir, keyFile)
  await writeSlots(
    dataDir,
    made.map(({ slot }) => slot),
  )
  const recoveryCode = made.find((one) => one.recoveryCode)?.recoveryCode ?? null
  return { siteKey: new SiteKey(bytes), recoveryCode }
}

/**
 * Opens the site key with what is given, else with the key file. What a person typed must be right: a wrong
 * passphrase is refused even where the key file would open the key.
 *
 * @throws ExpectedError `passphrase_wrong`, `recovery_code_wrong`, `recovery_code_mistyped`, `site_key_missing`, `data_damaged`
 */
export async function openSiteKey(dataDir: string, openers: SiteKeyOpeners = {}): Promise<SiteKey> {
  const slots = await readSlots(dataDir)
  const bytes =
    (await openByPassphrase(slots, openers.passphrase)) ??
    openByRecoveryCode(slots, openers.recoveryCode) ??
    openByExternal(slots, openers.external) ??
    (await openByKeyFile(slots, dataDir))
  if (!bytes) throw new ExpectedError('site_key_missing', { dir: dataDir })
  return new SiteKey(bytes)
}

/** Adds a way to open the key. A data folder has at most one key file. @returns the recovery code, if asked for */
export async function addSlot(
  dataDir: string,
  siteKey: SiteKey,
  request: SlotRequest,
  now: number,
): Promise<{ slotId: string; recoveryCode: string | null }> {
  const slots = await readSlots(dataDir)
  if (request.kind === 'key-file' && slots.some((slot) => slot.kind === 'key-file')) {
    throw new Error('The data folder already has a key file')
  }
  const made = await wrapSiteKey(siteKey.bytes(), request, now)
  if (made.keyFile) await writeKeyFile(dataDir, made.keyFile)
  await writeSlots(dataDir, [...slots, made.slot])
  return { slotId: made.slot.id, recoveryCode: made.recoveryCode ?? null }
}

/** Takes a way away. @throws ExpectedError `key_slot_last`, `not_found` */
export async function removeSlot(dataDir: string, slotId: string): Promise<void> {
  const slots = await readSlots(dataDir)
  const removed = slots.find((slot) => slot.id === slotId)
  if (!removed) throw new ExpectedError('not_found', { what: 'key slot', id: slotId })
  if (slots.length === 1) throw new ExpectedError('key_slot_last')
  await writeSlots(
    dataDir,
    slots.filter((slot) => slot.id !== slotId),
  )
  if (removed.kind === 'key-file') await removeDurably(keyFilePath(dataDir))
}

/** What a settings screen may show of the slots. */
export async function listSlots(
  dataDir: string,
): Promise<{ id: string; kind: KeySlot['kind']; createdAt: number }[]> {
  return (await readSlots(dataDir)).map(({ id, kind, createdAt }) => ({ id, kind, createdAt }))
}

async function openByPassphrase(slots: KeySlot[], passphrase: string | undefined): Promise<Buffer | null> {
  const candidates = slots.filter((slot) => slot.kind === 'passphrase')
  if (passphrase === undefined || candidates.length === 0) return null
  for (const slot of candidates) {
    const key = await passphraseWrappingKey(passphrase, slot.salt, slot.cost)
    const bytes = unwrap(slot, key)
    key.fill(0)
    if (bytes) return bytes
  }
  throw new ExpectedError('passphrase_wrong')
}

function openByRecoveryCode(slots: KeySlot[], code: string | undefined): Buffer | null {
  const candidates = slots.filter((slot) => slot.kind === 'recovery-code')
  if (code === undefined || candidates.length === 0) return null
  for (const slot of candidates) {
    const key = recoveryWrappingKey(code, slot.salt)
    const bytes = unwrap(slot, key)
    key.fill(0)
    if (bytes) return bytes
  }
  throw new ExpectedError('recovery_code_wrong')
}

/** A keychain may have been reset: then another slot may still open the key, so this one fails quietly. */
function openByExternal(slots: KeySlot[], external: Uint8Array | undefined): Buffer | null {
  if (external?.length !== 32) return null
  for (const slot of slots) {
    const bytes = slot.kind === 'external' ? unwrap(slot, external) : null
    if (bytes) return bytes
  }
  return null
}

async function openByKeyFile(slots: KeySlot[], dataDir: string): Promise<Buffer | null> {
  const slot = slots.find((candidate) => candidate.kind === 'key-file')
  if (!slot) return null
  const file = keyFilePath(dataDir)
  const key = await readKeyFile(file)
  if (!key) return null
  const bytes = key.length === 32 ? unwrap(slot, key) : null
  key.fill(0)
  if (!bytes)
    throw new ExpectedError('data_damaged', { file, cause: `it does not open ${slotsPath(dataDir)}` })
  return bytes
}

async function readKeyFile(file: string): Promise<Buffer | null> {
  try {
    return Buffer.from((await readFile(file, 'utf8')).trim(), 'base64')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}

async function writeKeyFile(dataDir: string, key: Buffer): Promise<void> {
  await writeDurably(keyFilePath(dataDir), `${key.toString('base64')}\n`)
  key.fill(0)
}

function unwrap(slot: KeySlot, wrappingKey: Uint8Array): Buffer | null {
  const bytes = openBox(wrappingKey, slot.wrapped, slotBinding(slot.kind, slot.id))
  return bytes?.length === 32 ? bytes : null
}
