import type { ValueKind } from '#contract/model/reading.ts'
import { wideHead } from './csv-text.ts'
import type { ExportTask } from './export-task.ts'

export interface WideColumn {
  /** Unique in the file. */
  head: string
  kind: ValueKind
}

/**
 * The columns of a wide file after `time`: `temperature [°C]`, with the gateway before it (`GW001/temperature`) where
 * there are several, and the function behind it (`temperature avg [°C]`) where there are several.
 */
export function wideColumns({ channels, functions, interval }: ExportTask): WideColumn[] {
  const hasGateways = new Set(channels.map(({ gateway }) => gateway)).size > 1
  const taken = new Map<string, number>()
  const unique = (head: string): string => {
    const times = (taken.get(head) ?? 0) + 1
    taken.set(head, times)
    return times === 1 ? head : `${head} (${times})`
  }
  return channels.flatMap(({ gateway, key, unit, kind }): WideColumn[] => {
    const name = hasGateways ? `${gateway}/${key}` : key
    if (interval === undefined) return [{ head: unique(wideHead(name, unit)), kind }]
    return functions.map((each) => ({
      head: unique(wideHead(functions.length > 1 ? `${name} ${each}` : name, each === 'count' ? null : unit)),
      kind: each === 'last' && kind === 'text' ? 'text' : 'number',
    }))
  })
}
