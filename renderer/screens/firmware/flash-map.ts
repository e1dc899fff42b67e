import type { BundleBuild, BundlePartition } from '#contract/model/bundle.ts'

/** A region of the flash, in the order of its place. */
export interface Region {
  name: string
  offset: number
  size: number
  /** Bytes that the bundle writes into it. */
  written: number
  kind: 'boot' | 'app' | 'data' | 'nvs' | 'free'
}

const PARTITION_TABLE = 0x8000
const TABLE_SECTOR = 0x1000
const APP = 0

/** What lies where: bootloader, partition table, partitions, and what is free between them. */
export function flashRegions({ parts, partitions, nvs, flashSize }: BundleBuild): Region[] {
  const writtenIn = (offset: number, size: number) => {
    let bytes = 0
    for (const part of parts)
      bytes += Math.max(0, Math.min(part.offset + part.size, offset + size) - Math.max(part.offset, offset))
    return bytes
  }
  const boot = parts.find(({ role }) => role === 'bootloader')?.offset ?? 0
  const kindOf = ({ label, type }: BundlePartition): Region['kind'] => {
    if (type === APP) return 'app'
    return label === nvs?.label ? 'nvs' : 'data'
  }
  const known: Omit<Region, 'written'>[] = [
    { name: 'bootloader', offset: boot, size: PARTITION_TABLE - boot, kind: 'boot' },
    { name: 'partition table', offset: PARTITION_TABLE, size: TABLE_SECTOR, kind: 'boot' },
  ]
  for (const partition of partitions) {
    const { label: name, offset, size } = partition
    known.push({ name, offset, size, kind: kindOf(partition) })
  }
  known.sort((a, b) => a.offset - b.offset)
  const regions: Region[] = []
  let end = 0
  for (const region of known) {
    if (region.offset > end) regions.push(free(end, region.offset))
    regions.push({ ...region, written: writtenIn(region.offset, region.size) })
    end = region.offset + region.size
  }
  if (end < flashSize) regions.push(free(end, flashSize))
  return regions
}

function free(from: number, to: number): Region {
  return { name: '', offset: from, size: to - from, written: 0, kind: 'free' }
}

/** Widths of a bar, percent: small regions stay visible, large ones do not take it all. */
export function widthsOf(regions: readonly Region[]): number[] {
  const weights = regions.map(({ size }) => Math.sqrt(size))
  const all = weights.reduce((sum, weight) => sum + weight, 0)
  return weights.map((weight) => (weight / all) * 100)
}
