import { ESP32H2ROM } from 'esptool-js/lib/targets/esp32h2.js'
import { readBits } from './efuse-words.ts'
import { readSecurityInfo } from './security-info.ts'
import type { Target } from './target.ts'

/** EFUSE_BLK1, the chip's Technical Reference Manual, chapter "eFuse Controller". */
const BLOCK_1 = 0x600b_0844

export const esp32h2: Target = {
  family: 'ESP32-H2',
  chipId: 16,
  magic: [],
  bootloaderOffset: 0x0,
  createRom: () => new ESP32H2ROM(),
  readRevision: async (loader) => {
    const major = await readBits(loader, BLOCK_1 + 12, 21, 2)
    const minor = await readBits(loader, BLOCK_1 + 12, 18, 3)
    return `${major}.${minor}`
  },
  readSecurity: readSecurityInfo,
}
