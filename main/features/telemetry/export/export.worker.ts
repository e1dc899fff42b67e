import { workerData } from 'node:worker_threads'
import type { ReadingColumns } from '#platform/historian/blocks/reading-columns.ts'
import type { BucketSeries } from '#platform/historian/historian.ts'
import { serveJobThread } from '#platform/jobs/serve-job-thread.ts'
import type { ExportTask } from './export-task.ts'
import type { ExportRequest } from './export-thread.ts'
import { writeExport } from './write-export.ts'

serveJobThread<ExportRequest>((ask) =>
  writeExport(
    workerData as ExportTask,
    {
      next: (channel) => ask<ReadingColumns | null>({ type: 'next', channel }),
      buckets: (channels, edges) => ask<BucketSeries[]>({ type: 'buckets', channels, edges }),
    },
    (bytes, fraction) => ask<undefined>({ type: 'bytes', bytes, fraction }, [bytes.buffer]),
  ),
)
