import type { ChipModel } from './chip-model.ts'
import { blockFuses } from './fuses.ts'

export const esp32c3: ChipModel = {
  chipId: 5,
  bootloaderOffset: 0x0,
  tellsSecurity: true,
  registers: (board) => new Map([[0x40001000, 0x1b31506f], ...blockFuses(0x60008800, board)]),
  spi: { base: 0x60002000, user: 0x18, user2: 0x20, data: 0x58 },
  banner: 'ESP-ROM:esp32c3-api1-20210207\r\nBuild:Feb  7 2021\r\n',
  strapping: { download: '0x4 (DOWNLOAD(USB/UART0/1))', flash: '0xc (SPI_FAST_FLASH_BOOT)' },
  resets: {
    powerOn: '0x1 (POWERON)',
    brownOut: '0xf (BROWNOUT_RST)',
    watchdog: '0x10 (RTCWDT_RTC_RST)',
    software: '0xc (RTC_SW_CPU_RST)',
  },
}
