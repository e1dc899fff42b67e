import type { ESPLoader } from 'esptool-js'
import type { BoardSecurity } from '#contract/model/board.ts'

/** By GET_SECURITY_INFO, which every chip after the first ESP32 has; also in secure download mode. */
export async function readSecurityInfo(loader: ESPLoader): Promise<BoardSecurity> {
  const info = await loader.getSecurityInfo()
  return {
    secureBoot: info.parsedFlags.SECURE_BOOT_EN,
    flashEncryption: hasOddBits(info.flashCryptCnt),
    // A chip with download mode off for ever answers nothing at all.
    downloadMode: info.parsedFlags.SECURE_DOWNLOAD_ENABLE ? 'secure' : 'open',
  }
}

/** SPI_BOOT_CRYPT_CNT: encryption is on while an odd number of its bits is burnt. */
export function hasOddBits(count: number): boolean {
  let bits = 0
  for (let rest = count; rest > 0; rest >>>= 1) bits += rest & 1
  return bits % 2 === 1
}
