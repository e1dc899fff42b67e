import { createHash, type KeyObject } from 'node:crypto'
import type { ChipFamily } from '#contract/model/board.ts'
import { bootloaderOffset } from '#firmware/targets/targets.ts'
import { signManifest } from '../signature.ts'
import { appDescription, espImageFile } from './esp-image-file.ts'
import { type PartitionLine, partitionTableFile } from './partition-table-file.ts'

/** By which a simulated board knows the firmware that it plays. */
export const SIM_GATEWAY_TEXT = 'MILLWRIGHT-SIM-GATEWAY'
const VERSION = '1.0.0'

const chips: readonly ChipFamily[] = ['ESP32', 'ESP32-S3', 'ESP32-C3']

/** Of 4 MB of flash: settings, two places for the app. */
const partitions: readonly PartitionLine[] = [
  { label: 'nvs', type: 1, subtype: 2, offset: 0x9000, size: 0x6000 },
  { label: 'otadata', type: 1, subtype: 0, offset: 0xf000, size: 0x2000 },
  { label: 'phy_init', type: 1, subtype: 1, offset: 0x11000, size: 0x1000 },
  { label: 'ota_0', type: 0, subtype: 0x10, offset: 0x20000, size: 0x1c0000 },
  { label: 'ota_1', type: 0, subtype: 0x11, offset: 0x1e0000, size: 0x1c0000 },
]

/**
 * The bundle that simulated boards play: images that are whole in every byte that a loader looks at, and run nowhere.
 * The same bytes each time, by path.
 */
export function simGatewayFiles(key: KeyObject): Map<string, Buffer> {
  const files = new Map<string, Buffer>()
  const builds = chips.map((chip) => {
    const folder = chip.toLowerCase()
    const parts = [
      { path: `${folder}/bootloader.bin`, offset: bootloaderOffset(chip), content: bootloader(chip) },
      { path: `${folder}/partition-table.bin`, offset: 0x8000, content: partitionTableFile(partitions) },
      { path: `${folder}/otadata.bin`, offset: 0xf000, content: Buffer.alloc(0x2000, 0xff) },
      { path: `${folder}/app.bin`, offset: 0x20000, content: app(chip) },
    ]
    for (const { path, content } of parts) files.set(path, content)
    return {
      chipFamily: chip,
      nvs: { partition: 'nvs' },
      parts: parts.map(({ path, offset, content }) => ({
        path,
        offset,
        size: content.length,
        sha256: createHash('sha256').update(content).digest('hex'),
      })),
    }
  })
  const manifest = {
    name: 'Simulated gateway',
    version: VERSION,
    kind: 'gateway',
    makesKeys: true,
    simulated: true,
    new_install_prompt_erase: false,
    builds,
  }
  const text = Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`)
  files.set('manifest.json', text)
  files.set('signature.json', Buffer.from(signManifest(text, key)))
  return files
}

function bootloader(chip: ChipFamily): Buffer {
  return espImageFile(chip, [filling(`${chip} boot data`, 1024), filling(`${chip} boot code`, 11 * 1024)])
}

function app(chip: ChipFamily): Buffer {
  const description = appDescription({ project: 'sim-gateway', version: VERSION, idf: 'none' })
  const name = Buffer.alloc(64)
  name.write(`${SIM_GATEWAY_TEXT} ${VERSION} ${chip}`)
  const data = Buffer.concat([description, name, filling(`${chip} data`, 8 * 1024 - 320)])
  return espImageFile(chip, [data, filling(`${chip} code`, 40 * 1024)])
}

/** Bytes that compress about as well as code does: half of them text. */
function filling(seed: string, length: number): Buffer {
  const chunks: Buffer[] = []
  for (let n = 0; n * 64 < length; n++) {
    const hash = createHash('sha256').update(`${seed} ${n}`).digest()
    chunks.push(hash, Buffer.from(`${seed} ${n}`.padEnd(32)))
  }
  return Buffer.concat(chunks).subarray(0, length)
}
