import type { SimulatedBoardOptions, SimulatedSecurity } from '../board-options.ts'

/** MAC in two words as the fuses hold it: the last four bytes, then the first two. */
export function macWords(mac: string): [low: number, high: number] {
  const bytes = mac.split(':').map((pair) => Number.parseInt(pair, 16))
  const byte = (index: number): number => bytes[index] ?? 0
  const low = ((byte(2) << 24) | (byte(3) << 16) | (byte(4) << 8) | byte(5)) >>> 0
  return [low, (byte(0) << 8) | byte(1)]
}

export function revisionOf(revision: string): { major: number; minor: number } {
  const [major = 0, minor = 0] = revision.split('.').map(Number)
  return { major, minor }
}

/** Block 0 and 1 of the S3 and the C3, which lie alike. */
export function blockFuses(
  base: number,
  { mac, revision, security }: SimulatedBoardOptions,
): Map<number, number> {
  const [low, high] = macWords(mac)
  const { major, minor } = revisionOf(revision)
  return new Map([
    // EFUSE_RD_REPEAT_DATA1: SPI_BOOT_CRYPT_CNT, an odd count of bits is on.
    [base + 0x34, security.flashEncryption ? 1 << 18 : 0],
    // EFUSE_RD_REPEAT_DATA2: SECURE_BOOT_EN
    [base + 0x38, security.secureBoot ? 1 << 20 : 0],
    // EFUSE_RD_REPEAT_DATA3: DIS_DOWNLOAD_MODE, ENABLE_SECURITY_DOWNLOAD
    [base + 0x3c, downloadBits(security)],
    // EFUSE_RD_MAC_SPI_SYS_0 to 5: the MAC, and the wafer's version at the places the loaders read.
    [base + 0x44, low],
    [base + 0x48, high],
    [base + 0x50, (minor & 7) << 18],
    [base + 0x58, ((minor >> 3) << 23) | (major << 24)],
  ])
}

function downloadBits({ downloadMode }: SimulatedSecurity): number {
  return downloadMode === 'disabled' ? 1 : downloadMode === 'secure' ? 1 << 5 : 0
}

/** The flags word of GET_SECURITY_INFO. */
export function securityFlags({ secureBoot, downloadMode }: SimulatedSecurity): number {
  return (secureBoot ? 1 << 0 : 0) | (downloadMode === 'secure' ? 1 << 2 : 0)
}
