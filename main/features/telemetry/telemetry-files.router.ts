import type { Procedures } from '#features/access/index.ts'
import type { JobsService } from '#features/jobs/index.ts'
import type { ExportService } from './export/export.service.ts'
import type { ImportService } from './import/import.service.ts'

/** Readings as files, out and in, each a job. */
export function createTelemetryFilesRouter(
  { telemetryFiles }: Procedures,
  { exports, imports, jobs }: { exports: ExportService; imports: ImportService; jobs: JobsService },
) {
  return {
    startExport: telemetryFiles.startExport.handler(async ({ input, context }) =>
      jobs.view(await exports.start(context, input)),
    ),
    upload: telemetryFiles.upload.handler(async ({ input: { data, ...part }, context }) => {
      // Nothing is done with it yet: the import that follows is what the audit keeps.
      context.audit.nothingChanged()
      return imports.upload(context.actor, { ...part, bytes: Buffer.from(data, 'base64') })
    }),
    startImport: telemetryFiles.startImport.handler(async ({ input, context }) =>
      jobs.view(await imports.start(context, input, (id) => jobs.find(context.actor, id))),
    ),
  }
}
