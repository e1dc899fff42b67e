import type { LineMeaning } from '#contract/model/board-line.ts'
import { resetReason } from './reset-reasons.ts'

export type MeaningData = Record<string, string | number>
interface Meant {
  meaning: LineMeaning
  data: MeaningData
}

interface Rule {
  says: RegExp
  means: LineMeaning
  /** Names of the groups of `says`, in their order. */
  data?: readonly string[]
}

/** Texts of the ROM loaders, of ESP-IDF's bootloader and panic handler, and of our firmware. The first counts. */
const rules: readonly Rule[] = [
  { says: /^mw: boot (.+)/, means: 'gateway_boot', data: ['version'] },
  { says: /^mw: wifi connecting (.+)/, means: 'wifi_connecting', data: ['ssid'] },
  { says: /^mw: wifi connected (\S+)/, means: 'wifi_connected', data: ['ip'] },
  { says: /^mw: wifi failed (.+)/, means: 'wifi_failed', data: ['reason'] },
  { says: /^mw: broker connecting (\S+)/, means: 'broker_connecting', data: ['uri'] },
  { says: /^mw: broker connected/, means: 'broker_connected' },
  { says: /^mw: broker failed (.+)/, means: 'broker_failed', data: ['reason'] },
  { says: /^mw: setup waiting/, means: 'setup_waiting' },
  { says: /^mw: settings failed (.+)/, means: 'settings_failed', data: ['reason'] },
  { says: /^mw: published/, means: 'published' },
  {
    says: /Guru Meditation Error: Core\s+(\d+) panic'ed \(([^)]*)\)/,
    means: 'panic',
    data: ['core', 'cause'],
  },
  { says: /Fatal exception \((\d+)\):\s*(\w*)/, means: 'panic', data: ['core', 'cause'] },
  { says: /abort\(\) was called at PC (0x[0-9a-f]+) on core (\d+)/, means: 'abort', data: ['pc', 'core'] },
  { says: /assert failed: (.+)/, means: 'assert', data: ['what'] },
  { says: /stack overflow in task (\S+)/, means: 'stack_overflow', data: ['task'] },
  { says: /Task watchdog got triggered/, means: 'watchdog' },
  { says: /Brownout detector was triggered/i, means: 'brownout' },
  { says: /download (boot )?modes? (is |are )?disabled/i, means: 'download_disabled' },
  { says: /waiting for download/, means: 'download_mode' },
  { says: /invalid header: (0x[0-9a-f]+)/, means: 'no_app', data: ['header'] },
  { says: /No bootable app partitions|no bootable app/i, means: 'no_app' },
  {
    says: /Detected size\((\d+)k\) smaller than the size in the binary image header\((\d+)k\)/,
    means: 'flash_size',
    data: ['detectedKiB', 'wantedKiB'],
  },
  // From the beginning alone: a search from each place of a line grows with its square.
  { says: /^(?=[^]*secure boot)[^]*?(fail|invalid|error)/i, means: 'secure_boot' },
  { says: /flash read err, (\w+)/, means: 'flash_error', data: ['code'] },
  { says: /csum err:(\S+)/, means: 'flash_error', data: ['code'] },
  {
    says: /Image hash failed|Checksum failed|image at 0x[0-9a-f]+ has invalid magic byte/i,
    means: 'flash_error',
  },
  { says: /^Rebooting\.\.\./, means: 'rebooting' },
]

/** What means something stands at the beginning; a board that sends long lines costs no more than others. */
const MOST_READ = 500

/** What one line means by itself; undefined where it means nothing to us. */
export function meaningOf(line: string): Meant | undefined {
  const text = line.slice(0, MOST_READ)
  const reset = resetReason(text)
  if (reset !== undefined) {
    return { meaning: reset.cause === 'brownout' ? 'brownout' : 'reset', data: { ...reset } }
  }
  // One of 100 frames is longer.
  const addresses = backtraceAddresses(line)
  if (addresses !== undefined) {
    return {
      meaning: 'backtrace',
      data: { addresses: addresses.join(' '), isCorrupted: text.includes('CORRUPTED') ? 1 : 0 },
    }
  }
  const registers = registerValues(text)
  if (registers !== undefined) return { meaning: 'registers', data: registers }
  for (const rule of rules) {
    const found = rule.says.exec(text)
    if (found !== null) return { meaning: rule.means, data: dataOf(rule, found) }
  }
  return undefined
}

function dataOf(rule: Rule, found: RegExpExecArray): MeaningData {
  const names = rule.data ?? []
  return Object.fromEntries(
    names.map((name, index) => {
      const value = (found[index + 1] ?? '').trim()
      return [name, /^\d{1,9}$/.test(value) ? Number(value) : value]
    }),
  )
}

/** `Backtrace: 0x400e14ed:0x3ffb5030 0x400d0802:0x3ffb5050`: the code addresses, for addr2line. */
function backtraceAddresses(text: string): string[] | undefined {
  if (!/^\s*Backtrace:/.test(text)) return undefined
  return [...text.matchAll(/(0x[0-9a-f]{8}):0x[0-9a-f]{8}/g)].map((match) => match[1] ?? '')
}

/** A line of a register dump: `PC      : 0x400e14ed  PS      : 0x00060030` (Xtensa), `MEPC    : 0x…` (RISC-V). */
function registerValues(text: string): MeaningData | undefined {
  const pairs = [...text.matchAll(/\b([A-Z][A-Z0-9/]{1,7})\s*: (0x[0-9a-f]{8})\b/g)]
  if (pairs.length === 0 || !/^\s*[A-Z][A-Z0-9/]{1,7}\s*: 0x[0-9a-f]{8}/.test(text)) return undefined
  return Object.fromEntries(pairs.map((pair) => [pair[1] ?? '', pair[2] ?? '']))
}
