import { readFile } from 'node:fs/promises'
import { writeDurably } from '#platform/secrets/durable-file.ts'
import { openBox, sealBox } from '#platform/secrets/gcm-box.ts'

/** How far the chain has come: the number of its newest entry, and that entry's link in hex. */
export interface Head {
  seq: number
  chain: string
}

const FORMAT = 1
const BINDING = 'millwright-audit-head-1'

/**
 * The file beside the store that says how far the chain has come, sealed: newest entries that are cut off the store are
 * missed by it. It is written after entries are on disk, so it may lag behind the store but never lead it.
 */
export class AuditHeadFile {
  readonly path: string
  readonly #key: () => Uint8Array

  /** @param key of AES-256-GCM */
  constructor(path: string, key: () => Uint8Array) {
    this.path = path
    this.#key = key
  }

  /** `missing`: there is no file. `changed`: it is not what the site wrote. */
  async read(): Promise<Head | 'missing' | 'changed'> {
    let box: Buffer
    try {
      box = await readFile(this.path)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 'missing'
      throw error
    }
    const plain = box[0] === FORMAT ? openBox(this.#key(), box.subarray(1), BINDING) : null
    if (plain === null) return 'changed'
    const { seq, chain } = JSON.parse(plain.toString()) as Head
    return { seq, chain }
  }

  /** Through a power cut: the old or the new one is there. @throws ExpectedError `data_not_writable` */
  async write({ seq, chain }: Head): Promise<void> {
    const box = sealBox(this.#key(), Buffer.from(JSON.stringify({ seq, chain })), BINDING)
    await writeDurably(this.path, Buffer.concat([Buffer.of(FORMAT), box]))
  }
}
