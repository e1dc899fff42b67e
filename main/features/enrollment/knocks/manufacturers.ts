import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'

const require = createRequire(import.meta.url)

/** Digits of a MAC by which IEEE registers its blocks: MA-S, MA-M, MA-L (https://standards.ieee.org/products-programs/regauth/). */
const BLOCKS = [9, 7, 6]

let registered: Promise<ReadonlyMap<string, string>> | null = null

/** Read when somebody first looks: most sites never have boxes that knock. */
function registry(): Promise<ReadonlyMap<string, string>> {
  registered ??= read().catch((error: unknown) => {
    registered = null
    throw error
  })
  return registered
}

async function read(): Promise<ReadonlyMap<string, string>> {
  const file = require.resolve('oui-data')
  const entries = JSON.parse(await readFile(file, 'utf8')) as Record<string, string>
  // Name and address of each: the name is its first line.
  return new Map(Object.entries(entries).map(([block, text]) => [block, text.split('\n', 1)[0] ?? '']))
}

/**
 * Who made the network interfaces with these MACs (`aa:bb:cc:dd:ee:ff`), by IEEE's list. What the list does not have, such
 * as addresses that a machine gave itself, is left out.
 */
export async function manufacturersOf(macs: Iterable<string>): Promise<Map<string, string>> {
  const asked = [...macs]
  const found = new Map<string, string>()
  if (asked.length === 0) return found
  const known = await registry()
  for (const mac of asked) {
    const digits = mac.replaceAll(':', '').toUpperCase()
    const block = BLOCKS.map((length) => digits.slice(0, length)).find((prefix) => known.has(prefix))
    const name = block === undefined ? undefined : known.get(block)
    if (name) found.set(mac, name)
  }
  return found
}
