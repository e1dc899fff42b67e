import { connect } from 'node:net'
import { ExpectedError } from '#contract/errors.ts'
import { pinnedAddresses, type ResolveHost, systemResolver } from '#platform/outbound/pinned-address.ts'

/** Where label printers listen: raw printing (9100 and the ports of further outlets), and Zebra's other one. */
const PRINTER_PORTS = [6101, 9100, 9101, 9102, 9103, 9104, 9105, 9106, 9107, 9108, 9109]
const DEADLINE = 10_000

export interface LabelPrinter {
  host: string
  port: number
}

/** `host:port`, `host` for 9100, `[::1]:9100`; null for anything that is no label printer's address. */
export function readPrinter(text: string): LabelPrinter | null {
  const found = /^(\[[0-9a-f:.]+\]|[A-Za-z0-9._-]+)(?::(\d{1,5}))?$/i.exec(text.trim())
  const port = Number(found?.[2] ?? 9100)
  const host = found?.[1]?.replace(/^\[|\]$/g, '')
  return host === undefined || !PRINTER_PORTS.includes(port) ? null : { host, port }
}

/**
 * Sends ZPL to a printer: to the address that was looked at, in bounded time, and nowhere that no printer is (security.md,
 * outbound calls).
 *
 * @throws ExpectedError `outbound_address_refused`, `outbound_failed`
 */
export async function printLabel(
  { host, port }: LabelPrinter,
  zpl: Uint8Array,
  resolve: ResolveHost = systemResolver,
): Promise<void> {
  try {
    const origin = `http://${host.includes(':') ? `[${host}]` : host}:${port}`
    const [first] = await pinnedAddresses({ origin, insideNetwork: true }, resolve)
    await send({ host: first?.address ?? host, port }, zpl)
  } catch (error) {
    if (error instanceof ExpectedError) throw error
    const cause = error instanceof Error ? error.message : String(error)
    throw new ExpectedError('outbound_failed', { host: `${host}:${port}`, cause }, { cause: error })
  }
}

function send({ host, port }: LabelPrinter, bytes: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port })
    socket.setTimeout(DEADLINE, () => socket.destroy(new Error('it does not answer in time')))
    socket.once('error', reject)
    socket.once('connect', () => socket.end(bytes))
    socket.once('close', (hadError) => (hadError ? undefined : resolve()))
    // What a printer says is not asked.
    socket.resume()
  })
}
