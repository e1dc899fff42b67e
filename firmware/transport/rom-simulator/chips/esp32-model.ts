import type { ChipModel } from './chip-model.ts'
import { macWords, revisionOf } from './fuses.ts'

const EFUSE = 0x3ff5a000

export const esp32: ChipModel = {
  chipId: 0,
  bootloaderOffset: 0x1000,
  tellsSecurity: false,
  registers: ({ mac, revision, security }) => {
    const [low, high] = macWords(mac)
    const { major, minor } = revisionOf(revision)
    return new Map([
      // By which the loaders know the family.
      [0x40001000, 0x00f01d83],
      // BLK0: FLASH_CRYPT_CNT (an odd count of bits is on) and, of revision 3, UART_DOWNLOAD_DIS.
      [EFUSE, (security.flashEncryption ? 1 << 20 : 0) | (security.downloadMode === 'open' ? 0 : 1 << 27)],
      [EFUSE + 0x04, low],
      [EFUSE + 0x08, high],
      // CHIP_VER_REV1 and the package: D0WD.
      [EFUSE + 0x0c, (major >= 1 ? 1 << 15 : 0) | (1 << 9)],
      // CHIP_VER_REV2, and WAFER_VERSION_MINOR.
      [EFUSE + 0x14, (major >= 2 ? 1 << 20 : 0) | (minor << 24)],
      // ABS_DONE_1 is secure boot version 2.
      [EFUSE + 0x18, security.secureBoot ? 1 << 5 : 0],
      // APB_CTRL_DATE, whose top bit is the third of the revision.
      [0x3ff6607c, major >= 3 ? 0x8604_2000 : 0x1604_2000],
    ])
  },
  spi: { base: 0x3ff42000, user: 0x1c, user2: 0x24, data: 0x80 },
  clockDivider: { address: 0x3ff40014, crystal: 40_000_000 },
  banner: 'ets Jul 29 2019 12:21:46\r\n\r\n',
  strapping: {
    download: '0x3 (DOWNLOAD_BOOT(UART0/UART1/SDIO_REI_REO_V2))',
    flash: '0x13 (SPI_FAST_FLASH_BOOT)',
  },
  resets: {
    powerOn: '0x1 (POWERON_RESET)',
    brownOut: '0xf (RTCWDT_BROWN_OUT_RESET)',
    watchdog: '0x10 (RTCWDT_RTC_RESET)',
    software: '0xc (SW_CPU_RESET)',
  },
}
