import type { Historian } from '#platform/historian/historian.ts'
import { HistorianSource } from './export-source.ts'
import type { ExportTask } from './export-task.ts'
import { exportOnThread } from './export-thread.ts'

/** A file as it is written, for whoever takes it at once. Ends the writing when it is not read on. */
export async function* exportStream(
  historian: Pick<Historian, 'columns' | 'buckets'>,
  task: ExportTask,
  signal?: AbortSignal,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const left = new AbortController()
  const until = signal ? AbortSignal.any([signal, left.signal]) : left.signal
  /** At most one piece: the thread waits until it was taken. */
  let piece: { bytes: Uint8Array<ArrayBuffer>; taken(): void } | null = null
  let wake = (): void => {}
  let ended: { error: unknown } | 'well' | null = null
  const emit = (bytes: Uint8Array<ArrayBuffer>): Promise<void> =>
    new Promise((taken) => {
      piece = { bytes, taken }
      wake()
    })
  exportOnThread(task, new HistorianSource(historian, task, until), emit, until).then(
    () => {
      ended = 'well'
      wake()
    },
    (error: unknown) => {
      ended = { error }
      wake()
    },
  )
  try {
    while (true) {
      const { bytes, taken } = (piece as { bytes: Uint8Array<ArrayBuffer>; taken(): void } | null) ?? {}
      if (bytes) {
        piece = null
        yield bytes
        taken?.()
      } else if (ended === 'well') return
      else if (ended !== null) throw (ended as { error: unknown }).error
      else await new Promise<void>((resolve) => (wake = resolve))
    }
  } finally {
    left.abort()
  }
}
