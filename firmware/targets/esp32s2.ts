import { ESP32S2ROM } from 'esptool-js/lib/targets/esp32s2.js'
import { readBits } from './efuse-words.ts'
import { readSecurityInfo } from './security-info.ts'
import type { Target } from './target.ts'

/** EFUSE_BLK1, the chip's Technical Reference Manual, chapter "eFuse Controller". */
const BLOCK_1 = 0x3f41_a044

export const esp32s2: Target = {
  family: 'ESP32-S2',
  chipId: null,
  magic: [0x0000_07c6],
  bootloaderOffset: 0x1000,
  createRom: () => new ESP32S2ROM(),
  readRevision: async (loader) => {
    const major = await readBits(loader, BLOCK_1 + 12, 18, 2)
    const high = await readBits(loader, BLOCK_1 + 12, 20, 1)
    const minor = (high << 3) | (await readBits(loader, BLOCK_1 + 16, 4, 3))
    return `${major}.${minor}`
  },
  readSecurity: readSecurityInfo,
}
