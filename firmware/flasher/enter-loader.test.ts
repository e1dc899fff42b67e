import { expect, test } from 'vitest'
import { whatWasHeard } from './enter-loader.ts'

const banner = 'ets Jul 29 2019 12:21:46\r\n\r\nrst:0x1 (POWERON_RESET),boot:'

test.each([
  ['nothing', ''],
  ['noise', '\u00fe\u0000\u00e0\u0018x\u0080\u00f8\u0086'],
  ['noise', `${banner}0x3 (DOWNLOAD_BOOT)\r\nwaiting for download\r\n\u00fe\u0000\u00e0\u0018`],
  ['download', `${banner}0x3 (DOWNLOAD_BOOT)\r\nwaiting for download\r\n`],
  ['program', `${banner}0x13 (SPI_FAST_FLASH_BOOT)\r\nI (27) boot: ESP-IDF v5.1\r\n`],
  ['brownout', `${banner}0x13 (SPI_FAST_FLASH_BOOT)\r\n\r\nBrownout detector was triggered\r\n`],
  ['disabled', 'ESP-ROM:esp32s3-20210327\r\nrst:0x1,boot:0x0\r\nDownload boot modes disabled\r\n'],
])('hears %s', (heard, text) => {
  expect(whatWasHeard(text)).toBe(heard)
})
