import type { ChipModel } from './chip-model.ts'
import { blockFuses } from './fuses.ts'

export const esp32s3: ChipModel = {
  chipId: 9,
  bootloaderOffset: 0x0,
  tellsSecurity: true,
  registers: (board) => new Map([[0x40001000, 0x9], ...blockFuses(0x60007000, board)]),
  spi: { base: 0x60002000, user: 0x18, user2: 0x20, data: 0x58 },
  banner: 'ESP-ROM:esp32s3-20210327\r\nBuild:Mar 27 2021\r\n',
  strapping: { download: '0x0 (DOWNLOAD(USB/UART0))', flash: '0x8 (SPI_FAST_FLASH_BOOT)' },
  resets: {
    powerOn: '0x1 (POWERON)',
    brownOut: '0xf (BROWN_OUT_RST)',
    watchdog: '0x10 (RTCWDT_RTC_RST)',
    software: '0xc (RTC_SW_CPU_RST)',
  },
}
