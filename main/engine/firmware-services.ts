import { join } from 'node:path'
import type { Procedures } from '#features/access/index.ts'
import type { AuditService } from '#features/audit/index.ts'
import {
  type BundleReader,
  BundlesService,
  BundleUploads,
  createFirmwareRouter,
  PartFiles,
  PublishersService,
} from '#features/firmware/index.ts'
import type { TenantsService } from '#features/tenants/index.ts'
import { readBundle } from '#firmware/bundle/read-bundle.ts'
import { openZipSource } from '#firmware/bundle/zip-source.ts'
import type { Clock } from '#platform/clock/clock.ts'
import type { SiteDb } from '#platform/db/site-db.ts'
import type { createJobServices } from './job-services.ts'

export interface FirmwareServicesDependencies {
  dataDir: string
  db: SiteDb
  clock: Clock
  audit: AuditService
  tenants: TenantsService
  transfers: Pick<ReturnType<typeof createJobServices>, 'imports'>
}

const reader: BundleReader = {
  read: async (file, options) => {
    const source = await openZipSource(file)
    try {
      return await readBundle(source, options)
    } finally {
      await source.close()
    }
  },
}

/** Firmware bundles, and whose signature on them counts. */
export function createFirmwareServices(dependencies: FirmwareServicesDependencies, procedures: Procedures) {
  const files = new PartFiles(join(dependencies.dataDir, 'firmware'))
  const bundles = new BundlesService({ ...dependencies, files, reader })
  const publishers = new PublishersService(dependencies)
  const uploads = new BundleUploads(dependencies.transfers.imports)
  return {
    bundles,
    publishers,
    uploads,
    router: createFirmwareRouter(procedures, { bundles, publishers, uploads }),
  }
}
