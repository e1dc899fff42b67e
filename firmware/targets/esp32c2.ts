import { ESP32C2ROM } from 'esptool-js/lib/targets/esp32c2.js'
import { readBits } from './efuse-words.ts'
import { readSecurityInfo } from './security-info.ts'
import type { Target } from './target.ts'

/** EFUSE_BLK2, the chip's Technical Reference Manual, chapter "eFuse Controller". */
const BLOCK_2 = 0x6000_8840

export const esp32c2: Target = {
  family: 'ESP32-C2',
  chipId: 12,
  magic: [],
  bootloaderOffset: 0x0,
  createRom: () => new ESP32C2ROM(),
  readRevision: async (loader) => {
    const major = await readBits(loader, BLOCK_2 + 4, 20, 2)
    const minor = await readBits(loader, BLOCK_2 + 4, 16, 4)
    return `${major}.${minor}`
  },
  readSecurity: readSecurityInfo,
}
