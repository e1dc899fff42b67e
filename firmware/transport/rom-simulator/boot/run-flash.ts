import { setTimeout as sleep } from 'node:timers/promises'
import { modelOf } from '../chips/chip-model.ts'
import { GatewayFirmware } from '../gateway/gateway-firmware.ts'
import { type BootImage, readBootImage } from './boot-image.ts'
import { bootPartition, readPartitions } from './boot-partitions.ts'
import { DeviceNvs } from './device-nvs.ts'
import type { FlashHost } from './flash-host.ts'

/** In an app: the simulator can play this firmware. */
const GATEWAY_TEXT = 'MILLWRIGHT-SIM-GATEWAY'
/** ms between starts of a board that finds nothing to run. */
const WATCHDOG = 600
const INVALID_HEADERS = 6

/** What the chip does after a reset that is not into download mode, until it is reset again. */
export async function runFlash(host: FlashHost): Promise<void> {
  try {
    const app = await boot(host)
    if (app !== null) await runApp(host, app)
  } catch (error) {
    if (host.signal.aborted) return
    // What the firmware did not expect ends it, as an exception of C++ would.
    host.print(
      `\r\nabort() was called: ${error instanceof Error ? error.message : String(error)}\r\n\r\nRebooting...\r\n`,
    )
    await sleep(WATCHDOG, undefined, { signal: host.signal }).catch(() => {})
    host.restart('software')
  }
}

/** First and second stage of the bootloader. @returns null where it starts over */
async function boot(host: FlashHost): Promise<{ image: BootImage; nvs: DeviceNvs } | null> {
  const { board, flash, signal, print } = host
  const model = modelOf(board.chip)
  const bootloader = readBootImage(flash, model.bootloaderOffset, model.chipId)
  if (typeof bootloader === 'string') {
    const first = flash.read(model.bootloaderOffset, 4)
    const word = new DataView(first.buffer).getUint32(0, true).toString(16).padStart(8, '0')
    // A header that is right before data that is not: the ROM names the checksum instead.
    const line = first[0] === 0xe9 ? `csum err: ${bootloader}` : `invalid header: 0x${word}`
    for (let count = 0; count < INVALID_HEADERS; count += 1) {
      print(`${line}\r\n`)
      await sleep(WATCHDOG / INVALID_HEADERS, undefined, { signal })
    }
    host.restart('watchdog')
    return null
  }
  print('mode:DIO, clock div:2\r\nload:0x3fff0030,len:1184\r\nentry 0x400805e4\r\n')
  if (host.faults().brownOut === true) {
    await sleep(150, undefined, { signal })
    print('\r\nBrownout detector was triggered\r\n\r\n')
    host.restart('brownOut')
    return null
  }
  print('I (27) boot: ESP-IDF simulated 2nd stage bootloader\r\n')
  const partitions = readPartitions(flash)
  if (partitions.length === 0) {
    print('E (88) boot: Failed to verify partition table\r\nE (93) boot: load partition table error!\r\n')
    await sleep(WATCHDOG, undefined, { signal })
    host.restart('watchdog')
    return null
  }
  for (const [index, { label, type, subtype, offset, size }] of partitions.entries()) {
    const numbers = [type, subtype].map((value) => value.toString(16).padStart(2, '0')).join(' ')
    print(`I (60) boot: ${index} ${label.padEnd(16)} ${numbers} ${hex8(offset)} ${hex8(size)}\r\n`)
  }
  const place = bootPartition(flash, partitions)
  const image = place === null ? 'no app partition' : readBootImage(flash, place.offset, model.chipId)
  if (typeof image === 'string') {
    print(
      `E (110) esp_image: ${image}\r\nE (115) boot: No bootable app partitions in the partition table\r\n`,
    )
    await sleep(WATCHDOG, undefined, { signal })
    host.restart('watchdog')
    return null
  }
  return { image, nvs: new DeviceNvs(flash, partitions) }
}

async function runApp(host: FlashHost, { image, nvs }: { image: BootImage; nvs: DeviceNvs }): Promise<void> {
  const { signal, print } = host
  print(`I (301) app_init: Project name:     ${image.project}\r\n`)
  print(`I (306) app_init: App version:      ${image.version}\r\n`)
  if (host.faults().panic === true) {
    print(PANIC)
    await sleep(300, undefined, { signal })
    host.restart('software')
    return
  }
  const text = Buffer.from(image.bytes).indexOf(GATEWAY_TEXT)
  if (text === -1) {
    host.tell(null)
    for (let second = 0; ; second += 1) {
      print(`I (${400 + second * 1_000}) app: running\r\n`)
      await sleep(1_000, undefined, { signal })
    }
  }
  await new GatewayFirmware(host, nvs, image.version).run()
}

const PANIC = [
  "Guru Meditation Error: Core  0 panic'ed (LoadProhibited). Exception was unhandled.",
  '',
  'Core  0 register dump:',
  'PC      : 0x400d2fd1  PS      : 0x00060730  A0      : 0x800d2ff0  A1      : 0x3ffb26b0',
  'EXCVADDR: 0x00000000  LBEG    : 0x4000c2e0  LEND    : 0x4000c2f6  LCOUNT  : 0xffffffff',
  '',
  'Backtrace: 0x400d2fce:0x3ffb26b0 0x400d2fed:0x3ffb26d0 0x400d1c42:0x3ffb26f0',
  '',
  'Rebooting...',
  '',
].join('\r\n')

function hex8(value: number): string {
  return value.toString(16).padStart(8, '0')
}
