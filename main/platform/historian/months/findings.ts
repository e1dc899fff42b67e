/** What `verify` can find. */
export type FindingKind =
  /** The SQLite file as such: pages, tables, indexes. */
  | 'file_damaged'
  | 'newer_version'
  /** The checksum of a block is wrong, or what it covers makes no sense. */
  | 'block_damaged'
  /** A block outside of its month, or two for the same time. */
  | 'block_misplaced'
  /** A block that was damaged and is out of the way now: its readings are lost, its rollups stay. */
  | 'block_lost'
  | 'rollup_damaged'
  /** A rollup is not what its blocks give. */
  | 'rollup_wrong'
  | 'correction_misplaced'
  /** The file counts its blocks or readings wrongly. */
  | 'count_wrong'
  /** A damaged file that was kept when another took its place. */
  | 'file_set_aside'

export interface Finding {
  kind: FindingKind
  /** In the store's folder, such as `months/2026-11.standard.sqlite`. */
  file: string
  /** null: it is about more than one series. */
  seriesId: number | null
  /** [from, to), ms; null: it is about the whole file. */
  from: number | null
  to: number | null
  cause: string
  /** Whether `repair` makes it good; of a damaged block it saves what can be saved. */
  repairable: boolean
  /** It is known and seen to, and nothing needs to be done. */
  settled: boolean
}

/** After each step, and now and then in between. Bytes of the files. */
export interface CheckProgress {
  file: string
  done: number
  total: number
}

export interface CheckOptions {
  onProgress?: (progress: CheckProgress) => void
  signal?: AbortSignal
}

const SETTLED: readonly FindingKind[] = ['block_lost', 'file_set_aside']
const REPAIRABLE: readonly FindingKind[] = [
  'file_damaged',
  'block_damaged',
  'rollup_damaged',
  'rollup_wrong',
  'count_wrong',
]

/** A finding about a file, or about a series and span in it. */
export function finding(
  kind: FindingKind,
  file: string,
  cause: string,
  at: { seriesId: number; from: number; to: number } | null = null,
): Finding {
  const { seriesId, from, to } = at ?? { seriesId: null, from: null, to: null }
  const repairable = REPAIRABLE.includes(kind)
  return { kind, file, seriesId, from, to, cause, repairable, settled: SETTLED.includes(kind) }
}
