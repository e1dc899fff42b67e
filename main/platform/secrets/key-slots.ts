import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { ExpectedError } from '#contract/errors.ts'
import { writeDurably } from './durable-file.ts'

const base64 = z.base64().transform((text) => Buffer.from(text, 'base64'))
const common = { id: z.uuid(), createdAt: z.int(), wrapped: base64 }

/** Bounds, so that a file from elsewhere cannot ask for the machine's whole memory. */
const scryptCost = z.object({
  N: z
    .int()
    .min(2)
    .max(2 ** 20)
    .refine((n) => (n & (n - 1)) === 0),
  r: z.int().min(1).max(16),
  p: z.int().min(1).max(16),
})

const slot = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('key-file'), ...common }),
  z.object({ kind: z.literal('passphrase'), ...common, salt: base64, cost: scryptCost }),
  z.object({ kind: z.literal('recovery-code'), ...common, salt: base64 }),
  z.object({ kind: z.literal('external'), ...common }),
])

/** One way to open the site key: the key, wrapped under a key that only this way yields. */
export type KeySlot = z.infer<typeof slot>
export type ScryptCost = z.infer<typeof scryptCost>

const slotsFile = z.object({
  format: z.literal(1),
  checksum: z.string(),
  slots: z.array(slot).min(1).max(32),
})

export const keysFolder = (dataDir: string) => join(dataDir, 'keys')
export const slotsPath = (dataDir: string) => join(keysFolder(dataDir), 'slots.json')
export const keyFilePath = (dataDir: string) => join(keysFolder(dataDir), 'site.key')

/**
 * The slots of a data folder; none when the file does not exist. A checksum tells a damaged file apart from a
 * wrong passphrase.
 *
 * @throws ExpectedError `data_damaged`
 */
export async function readSlots(dataDir: string): Promise<KeySlot[]> {
  const file = slotsPath(dataDir)
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
  const parsed = slotsFile.safeParse(parseJson(text))
  if (!parsed.success) throw new ExpectedError('data_damaged', { file, cause: 'not a list of key slots' })
  const { slots, checksum } = parsed.data
  if (checksumOf(slots) !== checksum) {
    throw new ExpectedError('data_damaged', { file, cause: 'the checksum does not match' })
  }
  return slots
}

/** Replaces the slots, all or none. @throws ExpectedError `data_not_writable` */
export async function writeSlots(dataDir: string, slots: KeySlot[]): Promise<void> {
  const content = { format: 1, checksum: checksumOf(slots), slots: slots.map(toText) }
  await writeDurably(slotsPath(dataDir), `${JSON.stringify(content, null, 2)}\n`)
}

function toText(slot: KeySlot): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(slot).map(([key, value]) => [
      key,
      value instanceof Buffer ? value.toString('base64') : value,
    ]),
  )
}

function checksumOf(slots: KeySlot[]): string {
  // Sorted names: the checksum covers the content, not the order in which a program writes the fields.
  const canonical = slots.map((slot) => Object.entries(toText(slot)).sort(([a], [b]) => (a < b ? -1 : 1)))
  return createHash('sha256').update(JSON.stringify(canonical)).digest('hex')
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
