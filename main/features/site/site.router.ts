import type { Pulse } from '#contract/api/site.ts'
import type { Procedures, TenantScope } from '#features/access/index.ts'
import { ticks } from '#platform/events/ticks.ts'
import { machineAddresses, machineName } from './network.ts'
import type { SetupService } from './setup.service.ts'
import type { SiteService } from './site.service.ts'

const PULSE_INTERVAL = 1_000

export interface SiteRouterDependencies {
  site: SiteService
  setup: SetupService
  version: string
  demo: boolean
  pulse(scope: TenantScope): Pulse
}

export function createSiteRouters(
  procedures: Procedures,
  { site, setup, version, demo, pulse }: SiteRouterDependencies,
) {
  return {
    setup: {
      status: procedures.setup.status.handler(({ context }) => ({
        done: site.isSetUp(),
        siteName: site.name(),
        version,
        codeRequired: !context.request.trustedLocal,
        demo,
      })),
      begin: procedures.setup.begin.handler(({ input, context }) => {
        setup.checkCaller(input.code, context.request)
        return { hostName: machineName(), addresses: machineAddresses() }
      }),
      complete: procedures.setup.complete.handler(async ({ input: { code, ...answers }, context }) => {
        setup.checkCaller(code, context.request)
        const { startFailure, ...result } = await setup.complete(answers, context.audit)
        return { ...result, startFailure: startFailure?.message ?? null }
      }),
    },
    site: {
      info: procedures.site.info.handler(({ context }) => site.info(context.scope)),
      status: procedures.site.status.handler(({ context }) => pulse(context.scope)),
      watchPulse: procedures.site.watchPulse.handler(async function* ({ context, signal }) {
        yield* ticks(PULSE_INTERVAL, () => pulse(context.scope), signal)
      }),
      updateNetwork: procedures.site.updateNetwork.handler(async ({ input, context }) => {
        await site.updateNetwork(input, context.audit)
        return site.info(context.scope)
      }),
      calendar: procedures.site.calendar.handler(() => site.calendar()),
      httpLimits: procedures.site.httpLimits.handler(() => site.httpLimits()),
      updateHttpLimits: procedures.site.updateHttpLimits.handler(({ input, context }) =>
        site.updateHttpLimits(input, context.audit),
      ),
      updateCalendar: procedures.site.updateCalendar.handler(({ input, context }) =>
        site.updateCalendar(input, context.audit),
      ),
    },
  }
}
