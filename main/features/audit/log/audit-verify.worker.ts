import { workerData } from 'node:worker_threads'
import { openSiteDbToRead } from '#platform/db/read-site-db.ts'
import { serveJobThread } from '#platform/jobs/serve-job-thread.ts'
import { auditKeys } from '../audit-keys.ts'
import { verifySnapshot } from '../verify-snapshot.ts'
import type { VerifyTask } from './verify-on-thread.ts'

serveJobThread<never>(async () => {
  const { file, headFile, key } = workerData as VerifyTask
  const keys = auditKeys(key)
  return verifySnapshot({ open: () => openSiteDbToRead(file), headFile, keys })
})
