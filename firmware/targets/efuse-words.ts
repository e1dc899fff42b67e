import type { ESPLoader } from 'esptool-js'

/** Bits `from` … `from + length - 1` of a word of fuses at an address. */
export async function readBits(
  loader: ESPLoader,
  address: number,
  from: number,
  length: number,
): Promise<number> {
  const word = (await loader.readReg(address)) >>> 0
  return (word >>> from) & (2 ** length - 1)
}
