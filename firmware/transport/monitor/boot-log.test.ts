import { describe, expect, it } from 'vitest'
import { type BoardLine, BootLog } from './boot-log.ts'
import { LineSplitter } from './line-splitter.ts'

function decode(text: string | Uint8Array, options: { keepColours?: boolean } = {}): BoardLine[] {
  const splitter = new LineSplitter()
  const log = new BootLog(options)
  const lines = splitter.push(Buffer.from(text as string))
  const last = splitter.flush()
  return [...lines, ...(last ? [last] : [])].map((line) => log.decode(line, 0))
}
const meant = (text: string): [string | null, object] => {
  const [line] = decode(text)
  return [line?.meaning ?? null, line?.data ?? {}]
}

describe('what a board says', () => {
  it('is looked for at the beginning of a line: one without end is not read on and on', () => {
    expect(meant(`${'fail'.repeat(100)} secure boot`)).toEqual(['secure_boot', {}])
    expect(meant(`${'fail'.repeat(200)} secure boot`)).toEqual([null, {}])
  })

  it.each([
    ['rst:0x1 (POWERON_RESET),boot:0x13 (SPI_FAST_FLASH_BOOT)', 'reset', 1, 'POWERON_RESET', 'power'],
    [
      'rst:0x10 (RTCWDT_RTC_RESET),boot:0x13 (SPI_FAST_FLASH_BOOT)',
      'reset',
      16,
      'RTCWDT_RTC_RESET',
      'watchdog',
    ],
    ['rst:0xc (SW_CPU_RESET),boot:0x13 (SPI_FAST_FLASH_BOOT)', 'reset', 12, 'SW_CPU_RESET', 'software'],
    ['rst:0xf (RTCWDT_BROWN_OUT_RESET),boot:0x13 (X)', 'brownout', 15, 'RTCWDT_BROWN_OUT_RESET', 'brownout'],
    ['rst:0x5 (DSLEEP),boot:0x8 (SPI_FAST_FLASH_BOOT)', 'reset', 5, 'DSLEEP', 'deep-sleep'],
    [
      'rst:0x15 (USB_UART_CHIP_RESET),boot:0x8 (SPI_FAST_FLASH_BOOT)',
      'reset',
      21,
      'USB_UART_CHIP_RESET',
      'usb',
    ],
    ['ESP-ROM: rst:0x7 (TG0WDT_SYS_RST),boot:0xc (X)', 'reset', 7, 'TG0WDT_SYS_RST', 'watchdog'],
    ['rst:0x9 (LP_WDT_HPSYS),boot:0xc (X)', 'reset', 9, 'LP_WDT_HPSYS', 'watchdog'],
    ['rst:0x3 (LP_SW_HPSYS),boot:0xc (X)', 'reset', 3, 'LP_SW_HPSYS', 'software'],
    ['rst:0x13 (GLITCH_RTC_RST),boot:0xc (X)', 'reset', 19, 'GLITCH_RTC_RST', 'glitch'],
    ['rst:0x7f (NEW_ONE),boot:0xc (X)', 'reset', 127, 'NEW_ONE', 'unknown'],
  ])('%s', (text, meaning, code, name, cause) => {
    expect(meant(text)).toEqual([meaning, { code, name, cause }])
  })

  it.each([
    [
      "Guru Meditation Error: Core  1 panic'ed (LoadProhibited). Exception was unhandled.",
      'panic',
      { core: 1, cause: 'LoadProhibited' },
    ],
    [
      "Guru Meditation Error: Core  0 panic'ed (Interrupt wdt timeout on CPU0). ",
      'panic',
      { core: 0, cause: 'Interrupt wdt timeout on CPU0' },
    ],
    ['abort() was called at PC 0x40081b2f on core 0', 'abort', { pc: '0x40081b2f', core: 0 }],
    [
      'assert failed: xQueueSemaphoreTake queue.c:1545 (( pxQueue ))',
      'assert',
      { what: 'xQueueSemaphoreTake queue.c:1545 (( pxQueue ))' },
    ],
    [
      '***ERROR*** A stack overflow in task mqtt_task has been detected.',
      'stack_overflow',
      { task: 'mqtt_task' },
    ],
    ['E (10249) task_wdt: Task watchdog got triggered. The following tasks', 'watchdog', {}],
    ['Brownout detector was triggered', 'brownout', {}],
    ['waiting for download', 'download_mode', {}],
    ['Download mode is disabled', 'download_disabled', {}],
    ['invalid header: 0xffffffff', 'no_app', { header: '0xffffffff' }],
    ['E (89) boot: No bootable app partitions in the partition table', 'no_app', {}],
    ['flash read err, 1000', 'flash_error', { code: 1000 }],
    ['csum err:0x9a!=0xef', 'flash_error', { code: '0x9a!=0xef' }],
    ['E (306) esp_image: image at 0x10000 has invalid magic byte (nothing flashed here?)', 'flash_error', {}],
    [
      'E (59) spi_flash: Detected size(4096k) smaller than the size in the binary image header(16384k). Probe failed.',
      'flash_size',
      { detectedKiB: 4096, wantedKiB: 16384 },
    ],
    ['E (112) secure_boot_v2: Secure boot V2 verification failed', 'secure_boot', {}],
    ['Invalid signature: Secure Boot refuses the image', 'secure_boot', {}],
    ['secure boot is on', null, {}],
    ['Rebooting...', 'rebooting', {}],
    ['mw: boot 2.4.1', 'gateway_boot', { version: '2.4.1' }],
    ['mw: wifi connecting PLANT IOT', 'wifi_connecting', { ssid: 'PLANT IOT' }],
    ['mw: wifi connected 10.20.4.7', 'wifi_connected', { ip: '10.20.4.7' }],
    ['mw: wifi failed wrong-password', 'wifi_failed', { reason: 'wrong-password' }],
    ['mw: broker connecting mqtts://10.0.0.2:8883', 'broker_connecting', { uri: 'mqtts://10.0.0.2:8883' }],
    ['mw: broker connected', 'broker_connected', {}],
    ['mw: broker failed certificate refused', 'broker_failed', { reason: 'certificate refused' }],
    ['mw: published', 'published', {}],
    ['mw: setup waiting', 'setup_waiting', {}],
    ['mw: settings failed no room', 'settings_failed', { reason: 'no room' }],
    ['I (312) main: all is well', null, {}],
    ['', null, {}],
  ])('%s', (text, meaning, data) => {
    expect(meant(`${text}\n`)).toEqual([meaning, data])
  })

  it('reads registers and backtraces of both architectures', () => {
    expect(
      meant('PC      : 0x400e14ed  PS      : 0x00060030  A0      : 0x800d0805  A1      : 0x3ffb5030  '),
    ).toEqual(['registers', { PC: '0x400e14ed', PS: '0x00060030', A0: '0x800d0805', A1: '0x3ffb5030' }])
    expect(
      meant('MEPC    : 0x42007c4e  RA      : 0x42007c4e  SP      : 0x3fc91b50  GP      : 0x3fc8b200'),
    ).toMatchObject(['registers', { MEPC: '0x42007c4e' }])
    expect(meant('Backtrace: 0x400e14ed:0x3ffb5030 0x400d0802:0x3ffb5050  |<-CORRUPTED')).toEqual([
      'backtrace',
      { addresses: '0x400e14ed 0x400d0802', isCorrupted: 1 },
    ])
  })

  it('tells a loop of resets from a few, and what was before it', () => {
    const log = new BootLog()
    const say = (text: string, at: number): BoardLine =>
      log.decode({ bytes: Buffer.from(text), isWhole: true }, at)
    const last = [0, 3000, 6000, 9000].map((at) => {
      say("Guru Meditation Error: Core  0 panic'ed (LoadProhibited).", at)
      return say('rst:0xc (SW_CPU_RESET),boot:0x13 (SPI_FAST_FLASH_BOOT)', at)
    })
    expect(last.map((line) => line.meaning)).toEqual(['reset', 'reset', 'reset', 'boot_loop'])
    expect(last[3]?.data).toMatchObject({ count: 4, seconds: 9, after: 'panic', name: 'SW_CPU_RESET' })
    // Switched on anew; and resets that are far apart.
    expect(say('rst:0x1 (POWERON_RESET),boot:0x13 (X)', 10_000).meaning).toBe('reset')
    for (const at of [100_000, 200_000, 300_000, 400_000]) {
      expect(say('rst:0xc (SW_CPU_RESET),boot:0x13 (X)', at).meaning).toBe('reset')
    }
  })

  it('knows a brown-out loop', () => {
    const line = 'rst:0xf (RTCWDT_BROWN_OUT_RESET),boot:0x13 (SPI_FAST_FLASH_BOOT)\n'
    expect(decode(line.repeat(4)).at(-1)).toMatchObject({ meaning: 'boot_loop', data: { after: 'brownout' } })
  })

  it('recognises what another speed makes of text, and leaves other languages alone', () => {
    // 300 baud read at 115200: long runs of the same level.
    const slow = Uint8Array.from(
      { length: 60 },
      (_, index) => [0x00, 0xff, 0x80, 0xfe, 0x00, 0xe0][index % 6] ?? 0,
    )
    expect(decode(slow).map((line) => line.meaning)).toEqual(['noise'])
    const fast = Uint8Array.from({ length: 200 }, (_, index) => (index * 73 + (index % 7) * 31) & 0xff)
    expect(decode(fast).some((line) => line.meaning === 'noise')).toBe(true)
    expect(
      decode('Ligação à rede da fábrica: não há sinal\n温度传感器已连接到网络\n').map((line) => line.meaning),
    ).toEqual([null, null])
  })

  it('strips colours and control characters, or keeps colours', () => {
    const text = '\u001b[0;32mI (312) wifi: up\u001b[0m\u0000\u0007\r\n'
    expect(decode(text)[0]?.text).toBe('I (312) wifi: up')
    expect(decode(text, { keepColours: true })[0]?.text).toBe('\u001b[0;32mI (312) wifi: up\u001b[0m')
    expect(decode('\u001b[31mwaiting for download\u001b[0m', { keepColours: true })[0]?.meaning).toBe(
      'download_mode',
    )
  })

  it('cuts lines at every kind of end, and lines without one', () => {
    expect(decode('a\nb\r\nc\rd\r\n\r\ne').map((line) => line.text)).toEqual(['a', 'b', 'c', 'd', '', 'e'])
    expect(decode('x'.repeat(10_000)).map((line) => line.text.length)).toEqual([4096, 4096, 1808])
  })
})
