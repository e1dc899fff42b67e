import type { ChipFamily } from '#contract/model/board.ts'
import { esp32 } from './esp32.ts'
import { esp32c2 } from './esp32c2.ts'
import { esp32c3 } from './esp32c3.ts'
import { esp32c6 } from './esp32c6.ts'
import { esp32h2 } from './esp32h2.ts'
import { esp32s2 } from './esp32s2.ts'
import { esp32s3 } from './esp32s3.ts'
import type { Target } from './target.ts'

/** Every chip family that can be flashed. */
export const targets: Readonly<Record<ChipFamily, Target>> = {
  ESP32: esp32,
  'ESP32-S2': esp32s2,
  'ESP32-S3': esp32s3,
  'ESP32-C3': esp32c3,
  'ESP32-C6': esp32c6,
  'ESP32-C2': esp32c2,
  'ESP32-H2': esp32h2,
}

const all = Object.values(targets)

/** @param chipId as GET_SECURITY_INFO answers it */
export function targetByChipId(chipId: number): Target | undefined {
  return all.find((target) => target.chipId === chipId)
}

/** @param magic the word at 0x40001000 */
export function targetByMagic(magic: number): Target | undefined {
  return all.find((target) => target.magic.includes(magic))
}

/** Where the ROM of a chip looks for the second-stage bootloader, bytes from the start of the flash. */
export function bootloaderOffset(family: ChipFamily): number {
  return targets[family].bootloaderOffset
}
