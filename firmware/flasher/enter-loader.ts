import type { ESPLoader } from 'esptool-js'
import { ExpectedError } from '#contract/errors.ts'
import { adapters } from '#firmware/targets/adapters.ts'
import type { SerialLine } from '#firmware/transport/serial-line.ts'
import { DOWNLOAD_DISABLED } from './identify-board.ts'
import type { Interruption } from './interruption.ts'
import type { LineTransport } from './line-transport.ts'
import { classicReset, type Reset, usbJtagReset } from './resets.ts'

/** 50 ms suit most boards; those with a large capacitor on EN need more. */
const throughAdapter: readonly Reset[] = [50, 550, 50, 550, 50, 1_100, 550].map(classicReset)
const throughChip: readonly Reset[] = [
  usbJtagReset,
  usbJtagReset,
  classicReset(50),
  usbJtagReset,
  classicReset(550),
  usbJtagReset,
]

/** Syncs that are sent after each reset. */
const SYNCS = 5

/** How a board behind this port is reset. */
export function resetsOf({ vendorId, productId }: SerialLine): readonly Reset[] {
  const isNative = vendorId === adapters.espressif && productId === adapters.usbJtagProduct
  return isNative ? throughChip : throughAdapter
}

/**
 * Resets the board into its ROM loader and gets into step with it.
 * @param resets one for each try
 * @param onTry the number of the try that begins, from 1
 * @throws {ExpectedError} `board_silent`, with what was heard instead; `board_secured` where the ROM says that it
 * takes no downloads
 */
export async function enterLoader(
  loader: ESPLoader,
  transport: LineTransport,
  interruption: Interruption,
  resets: readonly Reset[],
  onTry: (count: number) => void,
): Promise<void> {
  const port = transport.getInfo()
  let heard: Heard = 'nothing'
  for (const [index, reset] of resets.entries()) {
    interruption.throwIfInterrupted()
    onTry(index + 1)
    transport.forgetHeard()
    await reset(transport, interruption)
    if (await syncs(loader, transport, interruption)) return
    heard = whatWasHeard(transport.heard)
    if (heard === 'disabled') throw new ExpectedError('board_secured', { port, what: DOWNLOAD_DISABLED })
  }
  throw new ExpectedError('board_silent', { port, tries: resets.length, heard })
}

async function syncs(
  loader: ESPLoader,
  transport: LineTransport,
  interruption: Interruption,
): Promise<boolean> {
  for (let count = 0; count < SYNCS; count++) {
    transport.flushInput()
    try {
      await loader.sync()
      return true
    } catch {
      interruption.throwIfInterrupted()
    }
  }
  return false
}

/** What a board that does not answer says instead; the UI has a remedy for each. */
type Heard = 'nothing' | 'noise' | 'program' | 'download' | 'brownout' | 'disabled'

/** @param text all that came over the line since the last reset, as Latin-1 */
export function whatWasHeard(text: string): Heard {
  if (text.length === 0) return 'nothing'
  if (/download (boot )?modes? (is |are )?disabled/i.test(text)) return 'disabled'
  if (/brownout detector/i.test(text)) return 'brownout'
  // The loader announces itself, and then speaks only when asked.
  const [, after] = text.split('waiting for download')
  if (after !== undefined && isText(after)) return 'download'
  return isText(after ?? text) ? 'program' : 'noise'
}

function isText(text: string): boolean {
  return text.replace(/[^\x20-\x7e\r\n\t]/g, '').length >= text.length * 0.8
}
