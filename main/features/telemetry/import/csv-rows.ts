import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { CsvError, parse } from 'csv-parse'
import { ExpectedError } from '#contract/errors.ts'
import type { FileFormat } from './import-format.ts'

/** Bytes that the format is found out from. */
const START = 64 * 1024
/** Bytes of one line: a wide one with some long texts. */
const MOST_RECORD = 8 * 1024 * 1024

export interface CsvRow {
  /** Where it ends, counted from 1 as editors do. */
  line: number
  cells: string[]
  /** Bytes of the file up to here. */
  bytes: number
}

/** The first bytes of a file. */
export async function readStart(path: string): Promise<Uint8Array> {
  const handle = await open(path, 'r')
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(START), 0, START, 0)
    return buffer.subarray(0, bytesRead)
  } finally {
    await handle.close()
  }
}

/**
 * The rows of a file after its head, one by one (RFC 4180, with any separator).
 * @throws ExpectedError `import_file_invalid` for quotes that never end and lines without an end
 */
export async function* csvRows(path: string, { separator, headLines }: FileFormat): AsyncGenerator<CsvRow> {
  const parser = parse({
    delimiter: separator,
    bom: true,
    info: true,
    from: headLines + 1,
    relax_column_count: true,
    relax_quotes: true,
    skip_empty_lines: true,
    max_record_size: MOST_RECORD,
  })
  const file = createReadStream(path, { highWaterMark: 256 * 1024 })
  file.on('error', (error) => parser.destroy(error))
  file.pipe(parser)
  try {
    for await (const { info, record } of parser as AsyncIterable<{
      info: { lines: number; bytes: number }
      record: string[]
    }>)
      yield { line: info.lines, cells: record, bytes: info.bytes }
  } catch (error) {
    if (!(error instanceof CsvError)) throw error
    throw new ExpectedError('import_file_invalid', { cause: error.message }, { cause: error })
  } finally {
    file.destroy()
  }
}
