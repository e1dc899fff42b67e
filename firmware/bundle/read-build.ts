import { ExpectedError } from '#contract/errors.ts'
import type { ChipFamily } from '#contract/model/board.ts'
import type { BundleBuild, BundlePart, BundlePartition } from '#contract/model/bundle.ts'
import {
  isNvs,
  PARTITION_TABLE_MOST_BYTES,
  PARTITION_TABLE_OFFSET,
  parsePartitionTable,
} from '../targets/partition-table.ts'
import { bootloaderOffset } from '../targets/targets.ts'
import { type EspImage, IMAGE_MAGIC, readEspImage } from './esp-image.ts'
import type { Manifest, ManifestBuild } from './manifest.ts'
import {
  endOf,
  hex,
  isApp,
  isMerged,
  partitionOf,
  requirePlaces,
  requireSectorsApart,
} from './part-layout.ts'

/** A file that the manifest names, as it was found. */
export interface FoundPart {
  path: string
  offset: number
  size: number
  sha256: string
}

interface Given {
  chip: ChipFamily
  build: ManifestBuild
  kind: Manifest['kind']
  parts: readonly FoundPart[]
  /** Of a part, by its hash. */
  bytesOf(sha256: string): Promise<Uint8Array>
}

/** What a part has from some offset on. */
interface Region {
  part: string
  isInMerged: boolean
  bytes: Uint8Array
}

/** The least that NVS works with: two pages, and one that stays erased. */
const LEAST_NVS = 3 * 4096

/**
 * What a bundle holds for one chip: everything is where the chip looks for it, fits, and is whole.
 *
 * @throws ExpectedError `parts_overlap`, `bundle_*`, and those of `parsePartitionTable`
 */
export async function readBuild({ chip, build, kind, parts, bytesOf }: Given): Promise<BundleBuild> {
  requireSectorsApart(parts)
  // One part is in memory at a time.
  const regionAt = async (offset: number): Promise<Region | null> => {
    const part = parts.find((one) => one.offset <= offset && offset < endOf(one))
    if (part === undefined) return null
    const bytes = (await bytesOf(part.sha256)).subarray(offset - part.offset)
    return { part: part.path, isInMerged: isMerged(part), bytes }
  }
  const table = await regionAt(PARTITION_TABLE_OFFSET)
  if (table === null || table.bytes.every((byte) => byte === 0xff))
    throw new ExpectedError('bundle_partition_table_missing', { chip })
  const partitions = parsePartitionTable(table.bytes.subarray(0, PARTITION_TABLE_MOST_BYTES)).map(
    ({ label, type, subtype, offset, size, isEncrypted }) => ({
      label,
      type,
      subtype,
      offset,
      size,
      isEncrypted,
    }),
  )
  requirePlaces(parts, partitions)

  const bootloader = await regionAt(bootloaderOffset(chip))
  if (bootloader === null || bootloader.bytes[0] !== IMAGE_MAGIC)
    throw new ExpectedError('bundle_bootloader_missing', { chip, offset: hex(bootloaderOffset(chip)) })
  readEspImage(bootloader.bytes.subarray(0, PARTITION_TABLE_OFFSET - bootloaderOffset(chip)), {
    part: bootloader.part,
    chip,
  })

  let app: EspImage | null = null
  for (const partition of partitions.filter(isApp)) {
    const region = await regionAt(partition.offset)
    // A merged file fills what it leaves out.
    if (region === null || (region.isInMerged && region.bytes[0] === 0xff)) continue
    const { part, bytes } = region
    const image = readEspImage(bytes.subarray(0, partition.size), { part, chip })
    // The board may start any of them; the first one tells what they are.
    app ??= image
  }
  if (app === null) throw new ExpectedError('bundle_app_missing', { chip })

  return {
    chip,
    parts: parts.map((part) => described(part, { chip, partitions })).toSorted((a, b) => a.offset - b.offset),
    partitions,
    nvs: nvsOf(partitions, { chip, kind, label: build.nvs?.partition ?? null }),
    minimumRevision: build.minimumRevision ?? null,
    maximumRevision: build.maximumRevision ?? null,
    flashSize: Math.max(...parts.map(endOf), ...partitions.map(endOf)),
    app: app.app,
  }
}

function described(
  part: FoundPart,
  { chip, partitions }: { chip: ChipFamily; partitions: readonly BundlePartition[] },
): BundlePart {
  const { path, offset, size, sha256 } = part
  const given = { path, offset, size, sha256 }
  if (isMerged(part)) return { ...given, role: 'merged', name: 'merged image' }
  if (offset === bootloaderOffset(chip)) return { ...given, role: 'bootloader', name: 'bootloader' }
  if (offset === PARTITION_TABLE_OFFSET) return { ...given, role: 'partition_table', name: 'partition table' }
  const partition = partitionOf(part, partitions)
  return {
    ...given,
    role: partition && isApp(partition) ? 'app' : 'data',
    name: partition?.label ?? path,
  }
}

/** @throws ExpectedError `bundle_nvs_missing` where the manifest names it, or a gateway needs it */
function nvsOf(
  partitions: readonly BundlePartition[],
  { chip, kind, label }: { chip: ChipFamily; kind: Manifest['kind']; label: string | null },
): BundleBuild['nvs'] {
  const found = partitions.find(
    (one) => isNvs(one) && one.size >= LEAST_NVS && one.label === (label ?? 'nvs'),
  )
  if (found) return { label: found.label, offset: found.offset, size: found.size }
  if (label === null && kind === 'other') return null
  throw new ExpectedError('bundle_nvs_missing', { chip, partition: label ?? 'nvs' })
}
