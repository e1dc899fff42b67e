import { ESPError } from 'esptool-js'
import { ExpectedError } from '#contract/errors.ts'
import { type BoardLoader, wordsOf } from './board-loader.ts'
import type { Interruption } from './interruption.ts'

const CHANGE_BAUDRATE = 0x0f
const MAGIC = 0x4000_1000

/** Bits a second at which every ROM begins. */
export const ROM_BAUD = 115_200

/** Speeds that adapters and cables are known to carry; after one that fails, the next slower one is tried. */
const speeds: readonly number[] = [2_000_000, 1_500_000, 921_600, 460_800, 230_400]

/** The wanted speed, then the slower ones; none is left at 115200. */
export function speedsFrom(wanted: number): number[] {
  return wanted <= ROM_BAUD ? [] : [wanted, ...speeds.filter((speed) => speed < wanted)]
}

/**
 * Lets the stub and then the line speak at another speed.
 * @returns whether the chip still answers; if not, it has to be reset
 */
export async function changeSpeed(
  loader: BoardLoader,
  interruption: Interruption,
  baud: number,
): Promise<boolean> {
  const { transport } = loader
  try {
    await loader.command(CHANGE_BAUDRATE, wordsOf(baud, loader.IS_STUB ? transport.baudrate : 0))
    await interruption.sleep(20)
    await transport.changeBaudrate(baud)
    await interruption.sleep(30)
    transport.flushInput()
  } catch (error) {
    interruption.throwIfInterrupted()
    // The chip said nothing, or the adapter cannot do it.
    if (error instanceof ESPError || error instanceof ExpectedError) return false
    throw error
  }
  for (let attempt = 0; attempt < 2; attempt++) {
    try {
      await loader.readReg(MAGIC, 500)
      return true
    } catch (error) {
      interruption.throwIfInterrupted()
      if (!(error instanceof ESPError)) throw error
    }
  }
  return false
}
