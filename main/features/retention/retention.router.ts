import type { Procedures } from '#features/access/index.ts'
import { slugOf } from '#features/tenants/index.ts'
import type { RetentionService } from './retention.service.ts'
import type { StorageWatch } from './storage-watch.ts'

export function createRetentionRouter(
  { retention }: Procedures,
  { service, storage }: { service: RetentionService; storage: StorageWatch },
) {
  return {
    show: retention.show.handler(() => service.show()),
    classes: retention.classes.handler(() => {
      const { defaultClass } = service.choices
      return { classes: service.ownClasses, defaultClass }
    }),
    update: retention.update.handler(({ input, context }) => service.update(input, context.audit)),
    createClass: retention.createClass.handler(({ input: { id, ...asked }, context }) =>
      service.create(
        { id: id ?? slugOf(asked.name).slice(0, 32).replace(/-+$/, ''), ...asked },
        context.audit,
      ),
    ),
    updateClass: retention.updateClass.handler(({ input: { id, ...changes }, context }) =>
      service.change(id, changes, context.audit),
    ),
    deleteClass: retention.deleteClass.handler(({ input, context }) =>
      service.delete(input.id, context.audit),
    ),
    setTenant: retention.setTenant.handler(({ input, context }) =>
      service.setTenant(input.tenantId, input.retentionClass, context.audit),
    ),
    storage: retention.storage.handler(() => storage.show()),
  }
}
