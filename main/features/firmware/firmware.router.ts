import type { Procedures } from '#features/access/index.ts'
import type { BundleUploads } from './bundle-uploads.ts'
import type { BundlesService } from './bundles.service.ts'
import type { PublishersService } from './publishers.service.ts'

export function createFirmwareRouter(
  { firmware }: Procedures,
  services: { bundles: BundlesService; publishers: PublishersService; uploads: BundleUploads },
) {
  const { bundles, publishers, uploads } = services
  return {
    list: firmware.list.handler(async ({ input, context }) => ({
      bundles: await bundles.list(context.scope, input.tenant),
    })),
    show: firmware.show.handler(({ input, context }) => bundles.show(context.scope, input.bundleId)),
    upload: firmware.upload.handler(({ input: { data, ...part }, context }) => {
      // Nothing is done with it yet: the import that follows is what the audit keeps.
      context.audit.nothingChanged()
      return uploads.part(context.actor, { ...part, bytes: Buffer.from(data, 'base64') })
    }),
    import: firmware.import.handler(({ input: { uploadId, tenant }, context }) =>
      uploads.take(context.actor, uploadId, (upload) =>
        bundles.import(context.scope, { ...upload, tenant }, context.audit),
      ),
    ),
    filePart: firmware.filePart.handler(async ({ input, context }) => {
      const part = await bundles.filePart(context.scope, input, context.audit)
      return { data: Buffer.from(part).toString('base64') }
    }),
    remove: firmware.remove.handler(async ({ input, context }) => {
      await bundles.remove(context.scope, input.bundleId, context.audit)
      return { removed: true as const }
    }),
    listPublishers: firmware.listPublishers.handler(async ({ input, context }) => ({
      publishers: await publishers.list(context.scope, input.tenant),
    })),
    addPublisher: firmware.addPublisher.handler(({ input, context }) =>
      publishers.add(context.scope, input, context.audit),
    ),
    removePublisher: firmware.removePublisher.handler(async ({ input, context }) => {
      await publishers.remove(context.scope, input.publisherId, context.audit)
      return { removed: true as const }
    }),
    settings: firmware.settings.handler(({ input, context }) =>
      publishers.settings(context.scope, input.tenant),
    ),
    updateSettings: firmware.updateSettings.handler(({ input, context }) =>
      publishers.change(context.scope, input, context.audit),
    ),
  }
}
