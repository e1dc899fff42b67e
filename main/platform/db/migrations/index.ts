import type { Migration } from 'kysely/migration'
import * as firstSite from './0001-first-site.ts'

/** Append only: a released migration never changes. The number of the last one is the data's version. */
export const migrations: Record<string, Migration> = {
  '0001-first-site': firstSite,
}
