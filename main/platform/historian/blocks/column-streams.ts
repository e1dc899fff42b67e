import type { ByteReader } from './byte-reader.ts'
import { ByteWriter } from './byte-writer.ts'

/** Where columns are written to: what zstd shall look at, and bytes that look random to it. */
export interface ColumnSink {
  head: ByteWriter
  tail: ByteWriter
}

export interface ColumnSource {
  head: ByteReader
  tail: ByteReader
}

const sink: ColumnSink = { head: new ByteWriter(), tail: new ByteWriter() }

/** The one sink of this thread, emptied. */
export function clearedSink(): ColumnSink {
  sink.head.clear()
  sink.tail.clear()
  return sink
}
