import { ESP32S3ROM } from 'esptool-js/lib/targets/esp32s3.js'
import { readBits } from './efuse-words.ts'
import { readSecurityInfo } from './security-info.ts'
import type { Target } from './target.ts'

/** EFUSE_BLK1, the chip's Technical Reference Manual, chapter "eFuse Controller". */
const BLOCK_1 = 0x6000_7044
const BLOCK_2 = 0x6000_705c

export const esp32s3: Target = {
  family: 'ESP32-S3',
  chipId: 9,
  magic: [],
  bootloaderOffset: 0x0,
  createRom: () => new ESP32S3ROM(),
  readRevision: async (loader) => {
    const major = await readBits(loader, BLOCK_1 + 20, 24, 2)
    const high = await readBits(loader, BLOCK_1 + 20, 23, 1)
    const minor = (high << 3) | (await readBits(loader, BLOCK_1 + 12, 18, 3))
    // v0.0 used these bits for something else: told by the versions of its fuse blocks, 1.1.
    const blockMajor = await readBits(loader, BLOCK_2 + 16, 0, 2)
    const blockMinor = await readBits(loader, BLOCK_1 + 12, 24, 3)
    if ((minor & 7) === 0 && blockMajor === 1 && blockMinor === 1) return '0.0'
    return `${major}.${minor}`
  },
  readSecurity: readSecurityInfo,
}
