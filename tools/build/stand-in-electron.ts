import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** How Electron 45's binary comes: what electron-builder has to change is set the other way. */
const fuseWire = Buffer.concat([
  Buffer.from('dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX', 'latin1'), // where the fuses begin
  Buffer.from([1, 8]), // version of the wire, number of fuses
  Buffer.from('10110001', 'latin1'),
])

/**
 * Writes a folder that stands in for Electron's own files on Linux: enough for electron-builder to pack the
 * program around them and to set the fuses, without fetching 110 MB.
 */
export function writeStandInElectron(folder: string, version: string): void {
  mkdirSync(join(folder, 'locales'), { recursive: true })
  mkdirSync(join(folder, 'resources'))
  writeFileSync(
    join(folder, 'electron'),
    Buffer.concat([Buffer.from('\u007fELF stand-in '), fuseWire, Buffer.alloc(64)]),
  )
  chmodSync(join(folder, 'electron'), 0o755)
  writeFileSync(join(folder, 'version'), version)
  writeFileSync(join(folder, 'LICENSE'), '')
  for (const file of ['chrome-sandbox', 'chrome_crashpad_handler', 'icudtl.dat', 'libffmpeg.so']) {
    writeFileSync(join(folder, file), '')
  }
  for (const language of ['de', 'en-US', 'pt-BR'])
    writeFileSync(join(folder, 'locales', `${language}.pak`), '')
}
