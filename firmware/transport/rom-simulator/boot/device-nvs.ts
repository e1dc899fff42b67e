import { buildNvs, type NvsContents, readNvs, readNvsKeyFile } from '#firmware/nvs/index.ts'
import type { FlashArray } from '../flash-array.ts'
import { type BootPartition, nvsKeyPartition, nvsPartition } from './boot-partitions.ts'

/** Longest file of keys: 64 bytes and their CRC. */
const KEY_FILE = 68

/** The settings of a device in its flash, plain or encrypted with the keys of the partition beside it. */
export class DeviceNvs {
  readonly #flash: FlashArray
  readonly #place: BootPartition | null
  readonly #key: Uint8Array | null

  constructor(flash: FlashArray, partitions: readonly BootPartition[]) {
    this.#flash = flash
    this.#place = nvsPartition(partitions)
    this.#key = keyIn(flash, nvsKeyPartition(partitions))
  }

  /** @returns what is there; nothing where the partition is blank. @throws ExpectedError for a damaged one */
  read(): NvsContents {
    if (this.#place === null) return {}
    const image = this.#flash.read(this.#place.offset, this.#place.size)
    if (image.every((byte) => byte === 0xff)) return {}
    return readNvs(image, { key: this.#key, mode: 'lenient' }).namespaces
  }

  /** @throws ExpectedError where it does not fit */
  write(contents: NvsContents): void {
    if (this.#place === null) throw new Error('no nvs partition')
    const { offset, size } = this.#place
    const image = buildNvs(contents, { size, key: this.#key })
    this.#flash.erase(offset, size)
    this.#flash.program(offset, image)
  }
}

function keyIn(flash: FlashArray, place: BootPartition | null): Uint8Array | null {
  if (place === null) return null
  const file = flash.read(place.offset, KEY_FILE)
  return file.every((byte) => byte === 0xff) ? null : readNvsKeyFile(file)
}
