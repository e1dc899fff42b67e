import { ESPLoader, Transport } from 'esptool-js'
import type { SerialLine } from '#firmware/transport/serial-line.ts'
import { WebSerialPort } from '#tests/fixtures/web-serial-port.ts'

/**
 * Writes bytes with esptool-js as it comes, over a line of ours.
 * @returns seconds that the write took
 */
export async function flashByEsptoolJs(
  line: SerialLine,
  { baud, address, data }: { baud: number; address: number; data: Uint8Array },
): Promise<number> {
  const quiet = (): void => {}
  const { log } = console
  // It prints traces whatever it is told, and stdout is for figures.
  console.log = quiet
  try {
    const transport = new Transport(new WebSerialPort(line))
    const terminal = { clean: quiet, write: quiet, writeLine: quiet }
    const loader = new ESPLoader({ transport, baudrate: baud, terminal })
    await loader.main()
    const start = performance.now()
    await loader.writeFlash({
      fileArray: [{ data, address }],
      flashMode: 'keep',
      flashFreq: 'keep',
      flashSize: 'keep',
      eraseAll: false,
      compress: true,
    })
    const seconds = (performance.now() - start) / 1_000
    await transport.disconnect()
    return seconds
  } finally {
    console.log = log
  }
}
