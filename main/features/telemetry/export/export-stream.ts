import type { Historian } from '#platform/historian/historian.ts'
import { HistorianSource } from './export-source.ts'
import type { ExportTask } from './export-task.ts'
import { exportOnThread } from './export-thread.ts'

type Bytes = Uint8Array<ArrayBuffer>

/** A file as it is written, for whoever takes it at once. Ends the writing when it is not read on. */
export async function* exportStream(
  historian: Pick<Historian, 'columns' | 'buckets'>,
  task: ExportTask,
  signal?: AbortSignal,
): AsyncGenerator<Bytes> {
  const left = new AbortController()
  const until = signal ? AbortSignal.any([signal, left.signal]) : left.signal
  const handOver = new HandOver()
  const source = new HistorianSource(historian, task, until)
  void exportOnThread(task, source, (bytes) => handOver.put(bytes), until).then(
    () => handOver.end(null),
    (error: unknown) => handOver.end({ error }),
  )
  try {
    for (let bytes = await handOver.take(); bytes !== null; bytes = await handOver.take()) yield bytes
  } finally {
    left.abort()
  }
}

/** One piece at a time from a writer to a reader: the writer waits until it was taken. */
class HandOver {
  #piece: { bytes: Bytes; taken(): void } | null = null
  #ended: { failure: { error: unknown } | null } | null = null
  #wake = (): void => {}

  put(bytes: Bytes): Promise<void> {
    return new Promise((taken) => {
      this.#piece = { bytes, taken }
      this.#wake()
    })
  }

  end(failure: { error: unknown } | null): void {
    this.#ended = { failure }
    this.#wake()
  }

  /** The next piece; null at the end. @throws what the writer failed with */
  async take(): Promise<Bytes | null> {
    while (true) {
      if (this.#piece) {
        const { bytes, taken } = this.#piece
        this.#piece = null
        taken()
        return bytes
      }
      if (this.#ended?.failure) throw this.#ended.failure.error
      if (this.#ended) return null
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }
}
