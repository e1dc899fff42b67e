import type { ESPLoader, ROM } from 'esptool-js'
import type { BoardSecurity, ChipFamily } from '#contract/model/board.ts'

/** What the flasher must know of a chip family beside what esptool-js knows. One file each; see README. */
export interface Target {
  readonly family: ChipFamily
  /** Answer of GET_SECURITY_INFO; null where the ROM has no such command or does not tell the chip in it. */
  readonly chipId: number | null
  /** Words at 0x40001000 of the ROM, for chips without `chipId`. */
  readonly magic: readonly number[]
  /** Where the ROM looks for the second-stage bootloader. */
  readonly bootloaderOffset: number
  /** esptool-js's registers and readers of this chip. */
  readonly createRom: () => ROM
  /** `3.1` */
  readonly readRevision: (loader: ESPLoader) => Promise<string | null>
  /** Asked before anything is written. */
  readonly readSecurity: (loader: ESPLoader) => Promise<BoardSecurity>
}
