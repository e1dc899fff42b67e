import type { Procedures } from '#features/access/index.ts'
import type { BoardActions } from './actions/board-actions.ts'
import type { Monitors } from './monitors.ts'
import type { SerialSetup } from './serial-setup.service.ts'

export interface BenchActions {
  actions: BoardActions
  monitors: Monitors
  setup: SerialSetup
  /** Of the machine that the engine runs on; `firmware/transport` has it. */
  installUdevRule(): Promise<{ installed: boolean; command: string | null }>
}

/** Procedures of the bench that are no part of a run. */
export function createBenchActionsRouter({ bench }: Procedures, services: BenchActions) {
  const { actions, monitors, setup } = services
  return {
    act: bench.act.handler(({ input, context }) => {
      const { actor, scope, audit } = context
      return actions.start({ actor, scope, subject: audit.subject }, input, audit)
    }),
    monitor: bench.monitor.handler(async ({ input, context, signal }) => {
      const { actor, audit } = context
      const { port, baud, reset } = input
      audit.about('serial_port', port, audit.tenantId, { baud, reset })
      return monitors.listen(actor, input, signal)
    }),
    // What is sent may be a password: the audit has its length alone.
    sendToBoard: bench.sendToBoard.handler(async ({ input, context }) => {
      const { actor, audit } = context
      const { port } = await monitors.send(actor, input.monitorId, input.text + input.end)
      audit.about('serial_port', port, audit.tenantId, { characters: input.text.length })
      return { sent: true as const }
    }),
    resetBoard: bench.resetBoard.handler(async ({ input, context }) => {
      const { actor, audit } = context
      const { port } = await monitors.reset(actor, input.monitorId)
      audit.about('serial_port', port, audit.tenantId)
      return { reset: true as const }
    }),
    setUpOverSerial: bench.setUpOverSerial.handler(({ input, context }) =>
      setup.setUp(context.scope, input, context.audit),
    ),
    installUdevRule: bench.installUdevRule.handler(async ({ context }) => {
      const done = await services.installUdevRule()
      context.audit.about('machine', 'udev', null, { installed: done.installed })
      return done
    }),
  }
}
