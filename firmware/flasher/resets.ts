import type { SerialLine } from '#firmware/transport/serial-line.ts'
import type { Interruption } from './interruption.ts'
import type { LineTransport } from './line-transport.ts'

/** Puts the chip into download mode, or tries to. */
export type Reset = (transport: LineTransport, interruption: Interruption) => Promise<void>

/**
 * The circuit of most boards: RTS pulls EN (reset), DTR pulls IO0 (boot pin), each only while the other is off.
 * @param hold ms that IO0 is held after the reset; slow capacitors on EN need more
 */
export function classicReset(hold: number): Reset {
  return async (transport, interruption) => {
    await transport.setSignals(false, true)
    await interruption.sleep(100)
    await transport.setSignals(true, false)
    await interruption.sleep(hold)
    await transport.setSignals(false, false)
  }
}

/** The USB-JTAG peripheral inside the chip watches the order in which the lines change. */
export const usbJtagReset: Reset = async (transport, interruption) => {
  await transport.setSignals(false, false)
  await interruption.sleep(100)
  await transport.setSignals(true, false)
  await interruption.sleep(100)
  // Through 1,1 and not through 0,0.
  await transport.setSignals(true, true)
  await transport.setSignals(false, true)
  await interruption.sleep(100)
  await transport.setSignals(false, false)
}

/** Starts what is in the flash. The stock one of esptool-js asserts nothing and leaves IO0 low. */
export async function hardReset(line: SerialLine): Promise<void> {
  await line.setSignals({ dtr: false, rts: true })
  await new Promise((resolve) => setTimeout(resolve, 100))
  await line.setSignals({ dtr: false, rts: false })
}
