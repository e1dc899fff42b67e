import { ExpectedError } from '#contract/errors.ts'
import type { BundlePart, BundlePartition } from '#contract/model/bundle.ts'
import { PARTITION_TABLE_OFFSET, PartitionType } from '../targets/partition-table.ts'

/** Flash is erased in sectors of so many bytes. */
const SECTOR = 4096

type Placed = Pick<BundlePart, 'path' | 'offset' | 'size'>

export function isApp({ type }: BundlePartition): boolean {
  return type === PartitionType.app
}

export const endOf = ({ offset, size }: { offset: number; size: number }): number => offset + size

/** `0x10000` */
export function hex(value: number): string {
  return `0x${value.toString(16)}`
}

/**
 * Parts begin at whole sectors, and no two share one: the second would erase the end of the first.
 *
 * @throws ExpectedError `bundle_offset_unaligned`, `parts_overlap`
 */
export function requireSectorsApart(parts: readonly Placed[]): void {
  const sorted = parts.toSorted((a, b) => a.offset - b.offset)
  for (const [index, part] of sorted.entries()) {
    if (part.offset % SECTOR !== 0)
      throw new ExpectedError('bundle_offset_unaligned', { part: part.path, offset: hex(part.offset) })
    const next = sorted[index + 1]
    if (next && Math.ceil(endOf(part) / SECTOR) * SECTOR > next.offset)
      throw new ExpectedError('parts_overlap', {
        first: part.path,
        second: next.path,
        offset: hex(next.offset),
      })
  }
}

/** Whether it holds bootloader or partition table and more: partitions may begin and end inside it. */
export function isMerged({ offset, size }: Placed): boolean {
  return offset <= PARTITION_TABLE_OFFSET && offset + size > PARTITION_TABLE_OFFSET + SECTOR
}

/** Of a part that is not merged: the partition that begins where it does. */
export function partitionOf(
  { offset }: Placed,
  partitions: readonly BundlePartition[],
): BundlePartition | undefined {
  return partitions.find((partition) => partition.offset === offset)
}

/**
 * Each part is what the partition table has room for. The region before the partition table is the bootloader's.
 *
 * @throws ExpectedError `bundle_part_misplaced`, `bundle_partition_exceeded`
 */
export function requirePlaces(parts: readonly Placed[], partitions: readonly BundlePartition[]): void {
  for (const part of parts) {
    if (isMerged(part) || part.offset <= PARTITION_TABLE_OFFSET) continue
    const partition = partitionOf(part, partitions)
    if (partition === undefined)
      throw new ExpectedError('bundle_part_misplaced', { part: part.path, offset: hex(part.offset) })
    if (part.size > partition.size)
      throw new ExpectedError('bundle_partition_exceeded', {
        part: part.path,
        need: part.size,
        partition: partition.label,
        size: partition.size,
      })
  }
}
