import { assertNever } from '#contract/errors.ts'
import type { ReadingColumns } from '#platform/historian/blocks/reading-columns.ts'
import { runJobThread } from '#platform/jobs/job-thread.ts'
import { workerUrl } from '#platform/threads/worker-url.ts'
import type { Emit } from './export-output.ts'
import type { ExportSource } from './export-source.ts'
import type { ExportTask, ExportTotals } from './export-task.ts'

/** What the writing thread asks of the engine. */
export type ExportRequest =
  | { type: 'next'; channel: number }
  | { type: 'buckets'; channels: number[]; edges: number[] }
  | { type: 'bytes'; bytes: Uint8Array<ArrayBuffer>; fraction: number }

/** Writes a file on a thread of its own: the engine only passes pages to it and bytes from it. */
export function exportOnThread(
  task: ExportTask,
  source: ExportSource,
  emit: Emit,
  signal: AbortSignal,
): Promise<ExportTotals> {
  return runJobThread<ExportRequest, ExportTotals>({
    url: workerUrl('./export.worker', import.meta.url),
    task,
    signal,
    answer: async (request) => {
      switch (request.type) {
        case 'next': {
          const columns = await source.next(request.channel)
          return { value: columns, transfer: columns === null ? [] : buffersOf(columns) }
        }
        case 'buckets':
          return { value: await source.buckets(request.channels, request.edges) }
        case 'bytes':
          return { value: await emit(request.bytes, request.fraction) }
        default:
          return assertNever(request)
      }
    },
  })
}

/** Columns may share a buffer, and one is transferred only once. */
function buffersOf({ ts, values, flags }: ReadingColumns): ArrayBuffer[] {
  return [...new Set([ts.buffer, values.buffer, flags.buffer])]
}
