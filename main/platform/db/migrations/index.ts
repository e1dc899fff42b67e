import type { Migration } from 'kysely/migration'
import * as firstSite from './0001-first-site.ts'
import * as views from './0002-views.ts'
import * as jobs from './0003-jobs.ts'
import * as retention from './0004-retention.ts'
import * as calculations from './0005-calculations.ts'
import * as people from './0006-people.ts'
import * as audit from './0007-audit.ts'
import * as enrollment from './0008-enrollment.ts'
import * as flashing from './0009-flashing.ts'
import * as cloud from './0010-cloud.ts'

/** Append only: a released migration never changes. The number of the last one is the data's version. */
export const migrations: Record<string, Migration> = {
  '0001-first-site': firstSite,
  '0002-views': views,
  '0003-jobs': jobs,
  '0004-retention': retention,
  '0005-calculations': calculations,
  '0006-people': people,
  '0007-audit': audit,
  '0008-enrollment': enrollment,
  '0009-flashing': flashing,
  '0010-cloud': cloud,
}
