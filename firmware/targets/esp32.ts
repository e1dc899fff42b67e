import type { ESPLoader } from 'esptool-js'
import { ESP32ROM } from 'esptool-js/lib/targets/esp32.js'
import type { BoardSecurity } from '#contract/model/board.ts'
import { readBits } from './efuse-words.ts'
import { hasOddBits } from './security-info.ts'
import type { Target } from './target.ts'

/** EFUSE_BLK0, ESP32 Technical Reference Manual, chapter "eFuse Controller". */
const WORD_0 = 0x3ff5a000
const WORD_3 = 0x3ff5a00c
const WORD_5 = 0x3ff5a014
const WORD_6 = 0x3ff5a018
/** Bit 31 is the third bit of the revision. */
const APB_CTRL_DATE = 0x3ff6607c

export const esp32: Target = {
  family: 'ESP32',
  chipId: null,
  magic: [0x00f0_1d83],
  bootloaderOffset: 0x1000,
  createRom: () => new ESP32ROM(),
  readRevision: async (loader) => {
    const bits =
      (await readBits(loader, WORD_3, 15, 1)) |
      ((await readBits(loader, WORD_5, 20, 1)) << 1) |
      ((await readBits(loader, APB_CTRL_DATE, 31, 1)) << 2)
    // The maker counts 0, 1, 3, 7.
    const major = { 0: 0, 1: 1, 3: 2, 7: 3 }[bits] ?? 0
    return `${major}.${await readBits(loader, WORD_5, 24, 2)}`
  },
  readSecurity,
}

/** The ROM of this chip has no GET_SECURITY_INFO: the fuses tell. */
async function readSecurity(loader: ESPLoader): Promise<BoardSecurity> {
  const first = (await readBits(loader, WORD_6, 4, 1)) === 1
  const second = (await readBits(loader, WORD_6, 5, 1)) === 1
  const count = await readBits(loader, WORD_0, 20, 7)
  const isOff = (await readBits(loader, WORD_0, 27, 1)) === 1
  return {
    secureBoot: first || second,
    flashEncryption: hasOddBits(count),
    downloadMode: isOff ? 'disabled' : 'open',
  }
}
