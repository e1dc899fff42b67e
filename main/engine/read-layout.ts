import type { ReadLayout } from '#features/flashing/index.ts'
import { DataSubtype, isNvs, PartitionType, parsePartitionTable } from '#firmware/targets/partition-table.ts'

/** Where a board has its settings, and what chooses the app that it starts. @throws ExpectedError `partition_table_invalid` */
export const readLayout: ReadLayout = (table, label) => {
  const partitions = parsePartitionTable(table)
  const data = (subtype: number) =>
    partitions.find((one) => one.type === PartitionType.data && one.subtype === subtype) ?? null
  const all = partitions.filter(isNvs)
  const named = (name: string | null) => all.find((one) => one.label === name)
  // Of several that nobody named, none is taken for the one with the settings.
  const nvs = named(label) ?? named('nvs') ?? (all.length === 1 ? all[0] : undefined)
  // With keys of their own on the board, settings are encrypted, whatever their row says.
  const isEncrypted = nvs?.isEncrypted === true || data(DataSubtype.nvsKeys) !== null
  return { nvs: nvs ? { ...nvs, isEncrypted } : null, otadata: data(DataSubtype.otadata) }
}
