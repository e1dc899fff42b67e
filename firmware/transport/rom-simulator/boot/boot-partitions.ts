import type { FlashArray } from '../flash-array.ts'
import { textAt, viewOf } from './boot-image.ts'

/** Where the second-stage bootloader looks. */
const TABLE = 0x8000
const TABLE_SIZE = 0xc00
const ENTRY = 32
const MAGIC = 0x50aa
const APP = 0
const DATA = 1
const FACTORY = 0
const OTA_FIRST = 0x10
const OTA_DATA = 0
const NVS = 2
const NVS_KEYS = 4

export interface BootPartition {
  type: number
  subtype: number
  offset: number
  size: number
  label: string
}

/** As the bootloader reads it: entries until something else comes. */
export function readPartitions(flash: FlashArray): BootPartition[] {
  const found: BootPartition[] = []
  for (let at = 0; at < TABLE_SIZE; at += ENTRY) {
    const bytes = flash.read(TABLE + at, ENTRY)
    const view = viewOf(bytes)
    if (view.getUint16(0, true) !== MAGIC) break
    found.push({
      type: view.getUint8(2),
      subtype: view.getUint8(3),
      offset: view.getUint32(4, true),
      size: view.getUint32(8, true),
      label: textAt(bytes, 12, 16),
    })
  }
  return found
}

/** The app that starts: what otadata says, else the factory app, else the first OTA one. */
export function bootPartition(flash: FlashArray, partitions: readonly BootPartition[]): BootPartition | null {
  const apps = partitions.filter(({ type }) => type === APP)
  const slots = apps.filter(({ subtype }) => subtype >= OTA_FIRST).toSorted((a, b) => a.subtype - b.subtype)
  const data = partitions.find(({ type, subtype }) => type === DATA && subtype === OTA_DATA)
  const sequence = data === undefined ? 0 : otaSequence(flash, data)
  const chosen = sequence === 0 ? undefined : slots[(sequence - 1) % slots.length]
  return chosen ?? apps.find(({ subtype }) => subtype === FACTORY) ?? slots[0] ?? null
}

export function nvsPartition(partitions: readonly BootPartition[]): BootPartition | null {
  return partitions.find(({ type, subtype }) => type === DATA && subtype === NVS) ?? null
}

export function nvsKeyPartition(partitions: readonly BootPartition[]): BootPartition | null {
  return partitions.find(({ type, subtype }) => type === DATA && subtype === NVS_KEYS) ?? null
}

/** The greater of the two sequence numbers; 0 where both are blank. */
function otaSequence(flash: FlashArray, { offset }: BootPartition): number {
  const both = [offset, offset + 0x1000].map((at) => viewOf(flash.read(at, 4)).getUint32(0, true))
  return Math.max(0, ...both.filter((sequence) => sequence !== 0xffffffff))
}
