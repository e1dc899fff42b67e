import type { ResetCause } from '#contract/model/board-line.ts'

/**
 * By the number in `rst:0x10 (RTCWDT_RTC_RESET)`. Every chip words it in its own way (`RTCWDT_RTC_RST`, `LP_WDT_SYS`),
 * the numbers mean the same on ESP32, S2, S3, C2, C3, C6 and H2. ESP-IDF, esp_rom `rtc.h` RESET_REASON.
 */
const causes: Readonly<Record<number, ResetCause>> = {
  0x01: 'power',
  0x03: 'software',
  0x04: 'watchdog',
  0x05: 'deep-sleep',
  0x06: 'external',
  0x07: 'watchdog',
  0x08: 'watchdog',
  0x09: 'watchdog',
  0x0a: 'external',
  0x0b: 'watchdog',
  0x0c: 'software',
  0x0d: 'watchdog',
  0x0e: 'external',
  0x0f: 'brownout',
  0x10: 'watchdog',
  0x11: 'watchdog',
  0x12: 'watchdog',
  0x13: 'glitch',
  0x14: 'glitch',
  0x15: 'usb',
  0x16: 'usb',
  0x17: 'glitch',
  0x18: 'external',
}

interface ResetReason {
  code: number
  /** As this chip words it. */
  name: string
  cause: ResetCause
}

/** The reset that the first line of a boot tells of: `rst:0x1 (POWERON_RESET),boot:0x13 (SPI_FAST_FLASH_BOOT)`. */
export function resetReason(text: string): ResetReason | undefined {
  const found = /\brst:(0x[0-9a-f]+) \(([A-Za-z0-9_]+)\)/.exec(text)
  if (found === null) return undefined
  const code = Number(found[1])
  return { code, name: found[2] ?? '', cause: causes[code] ?? 'unknown' }
}
