import { workerData } from 'node:worker_threads'
import { openSiteDbToRead } from '#platform/db/read-site-db.ts'
import { serveJobThread } from '#platform/jobs/serve-job-thread.ts'
import type { ExportRequest } from './audit-export.job.ts'
import { type ExportTask, exportEntries } from './export-entries.ts'

serveJobThread<ExportRequest>(async (ask) => {
  const { file, ...task } = workerData as ExportTask
  const db = await openSiteDbToRead(file)
  try {
    // One transaction: what retention or an erasure does meanwhile comes before or after the whole of it.
    return await db
      .transaction()
      .execute((trx) =>
        exportEntries(trx, task, (bytes, done, total) =>
          ask<undefined>({ bytes, done, total }, [bytes.buffer]),
        ),
      )
  } finally {
    await db.destroy()
  }
})
