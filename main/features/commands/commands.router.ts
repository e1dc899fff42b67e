import type { Procedures } from '#features/access/index.ts'
import type { CommandsService } from './commands.service.ts'

export function createCommandsRouter({ commands }: Procedures, service: CommandsService) {
  return {
    send: commands.send.handler(({ input, context }) =>
      service.send(context.scope, input, context.audit, context.request.idempotencyKey),
    ),
    list: commands.list.handler(({ input, context }) => service.list(context.scope, input)),
    show: commands.show.handler(({ input, context }) => service.show(context.scope, input.commandId)),
    cancel: commands.cancel.handler(({ input, context }) =>
      service.cancel(context.scope, input.commandId, context.audit),
    ),
  }
}
