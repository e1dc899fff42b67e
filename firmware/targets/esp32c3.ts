import { ESP32C3ROM } from 'esptool-js/lib/targets/esp32c3.js'
import { readBits } from './efuse-words.ts'
import { readSecurityInfo } from './security-info.ts'
import type { Target } from './target.ts'

/** EFUSE_BLK1, the chip's Technical Reference Manual, chapter "eFuse Controller". */
const BLOCK_1 = 0x6000_8844

export const esp32c3: Target = {
  family: 'ESP32-C3',
  chipId: 5,
  magic: [],
  bootloaderOffset: 0x0,
  createRom: () => new ESP32C3ROM(),
  readRevision: async (loader) => {
    const major = await readBits(loader, BLOCK_1 + 20, 24, 2)
    const high = await readBits(loader, BLOCK_1 + 20, 23, 1)
    const minor = (high << 3) | (await readBits(loader, BLOCK_1 + 12, 18, 3))
    return `${major}.${minor}`
  },
  readSecurity: readSecurityInfo,
}
