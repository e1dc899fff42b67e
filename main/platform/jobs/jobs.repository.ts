import type { SiteDb } from '#platform/db/site-db.ts'
import { fromRow, type JobRecord, toRow } from './job-record.ts'

/** Oldest first. */
export async function allJobs(db: SiteDb): Promise<JobRecord[]> {
  const rows = await db.selectFrom('jobs').selectAll().orderBy('id').execute()
  return rows.map(fromRow)
}

export async function saveJob(db: SiteDb, job: JobRecord): Promise<void> {
  const row = toRow(job)
  await db
    .insertInto('jobs')
    .values(row)
    .onConflict((conflict) => conflict.column('id').doUpdateSet(row))
    .execute()
}

export async function deleteJob(db: SiteDb, id: string): Promise<void> {
  await db.deleteFrom('jobs').where('id', '=', id).execute()
}
