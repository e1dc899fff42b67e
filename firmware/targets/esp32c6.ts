import { ESP32C6ROM } from 'esptool-js/lib/targets/esp32c6.js'
import { readBits } from './efuse-words.ts'
import { readSecurityInfo } from './security-info.ts'
import type { Target } from './target.ts'

/** EFUSE_BLK1, the chip's Technical Reference Manual, chapter "eFuse Controller". */
const BLOCK_1 = 0x600b_0844

export const esp32c6: Target = {
  family: 'ESP32-C6',
  chipId: 13,
  magic: [],
  bootloaderOffset: 0x0,
  createRom: () => new ESP32C6ROM(),
  readRevision: async (loader) => {
    const major = await readBits(loader, BLOCK_1 + 12, 22, 2)
    const minor = await readBits(loader, BLOCK_1 + 12, 18, 4)
    return `${major}.${minor}`
  },
  readSecurity: readSecurityInfo,
}
