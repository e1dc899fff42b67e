import { zstdCompressSync } from 'node:zlib'
import { ByteWriter, ParquetWriter } from 'hyparquet-writer'
import type { Emit } from './export-output.ts'

type Schema = ConstructorParameters<typeof ParquetWriter>[0]['schema']
export type ParquetColumn = Schema[number]
type Encoding = 'PLAIN' | 'RLE_DICTIONARY' | 'DELTA_BINARY_PACKED'

/** INT64, ms since 1970 UTC (Parquet LogicalTypes, TIMESTAMP). */
export const timestampColumn = (name: string): ParquetColumn => ({
  name,
  type: 'INT64',
  converted_type: 'TIMESTAMP_MILLIS',
  logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'MILLIS' },
  repetition_type: 'REQUIRED',
})

export const textColumn = (name: string, repetition_type: 'REQUIRED' | 'OPTIONAL'): ParquetColumn => ({
  name,
  type: 'BYTE_ARRAY',
  converted_type: 'UTF8',
  logical_type: { type: 'STRING' },
  repetition_type,
})

/** A Parquet file, row group by row group: only the one being filled is in memory. ZSTD, which DuckDB and pandas read. */
export class ParquetOutput {
  readonly #bytes = new ByteWriter(1024 * 1024)
  readonly #writer: ParquetWriter
  readonly #names: string[]
  readonly #emit: Emit

  constructor(columns: ParquetColumn[], emit: Emit) {
    this.#emit = emit
    this.#names = columns.map(({ name }) => name)
    this.#writer = new ParquetWriter({
      writer: this.#bytes,
      schema: [{ name: 'root', num_children: columns.length }, ...columns],
      codec: 'ZSTD',
      compressors: { ZSTD: (input) => zstdCompressSync(input) },
      createdBy: 'Millwright',
    })
  }

  /** `data`: one array a column, of equal length. */
  async writeGroup(
    data: { values: readonly unknown[] | BigInt64Array; encoding?: Encoding }[],
    fraction: number,
  ): Promise<void> {
    const columnData = data.map(({ values, encoding }, index) => ({
      name: this.#names[index] ?? '',
      data: values as unknown[],
      ...(encoding && { encoding }),
    }))
    const rows = columnData[0]?.data.length ?? 0
    if (rows > 0) await this.#writer.write({ columnData, rowGroupSize: rows })
    await this.#pass(fraction)
  }

  async finish(): Promise<void> {
    await this.#writer.finish()
    await this.#pass(1)
  }

  async #pass(fraction: number): Promise<void> {
    if (this.#bytes.index === 0) return
    const piece = new Uint8Array(this.#bytes.getBytes())
    this.#bytes.index = 0
    await this.#emit(piece, fraction)
  }
}
