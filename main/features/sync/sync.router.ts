import type { cloud } from '#contract/api/cloud.ts'
import type { CloudConflict, CloudDeadLetter, CloudSweep } from '#contract/model/cloud.ts'
import type { Procedures } from '#features/access/index.ts'
import type { AuditDraft } from '#features/audit/index.ts'
import { ticks } from '#platform/events/ticks.ts'
import type { JoinService } from './join.service.ts'
import type { LeaveService } from './leave.service.ts'
import type { CloudLink } from './link/cloud-link.ts'
import type { LinkSettingsService } from './link-settings.service.ts'
import type { CloudStatusService } from './status.service.ts'

/** Readings and objects that were refused (`dead-letters/`). */
export interface DeadLettersPort {
  list(filter: {
    tenantId?: string | undefined
    kind?: 'reading' | 'object' | undefined
    limit: number
    after?: string | undefined
  }): Promise<{ deadLetters: CloudDeadLetter[]; total: number; next: string | null }>
  retry(ids: readonly string[] | null, audit: AuditDraft): Promise<number>
  edit(id: string, value: number | boolean | string, audit: AuditDraft): Promise<void>
  discard(ids: readonly string[], audit: AuditDraft): Promise<number>
}

/** Fields that were changed on both sides (`fleet/`). */
export interface ConflictsPort {
  list(which: 'open' | 'all', limit: number): Promise<{ conflicts: CloudConflict[]; total: number }>
  resolve(id: string, use: 'kept' | 'other', by: string, audit: AuditDraft): Promise<CloudConflict>
}

/** Passes over stored readings (`telemetry/`). */
export interface SweepsPort {
  resync(
    range: {
      tenantId: string | null
      channelIds: string[] | null
      from: number | null
      to: number | null
    },
    by: string,
    audit: AuditDraft,
  ): Promise<CloudSweep>
  cancel(id: string, audit: AuditDraft): Promise<void>
}

export interface CloudRouterDependencies {
  status: CloudStatusService
  link: CloudLink
  joining: JoinService
  leaving: LeaveService
  settings: LinkSettingsService
  deadLetters: DeadLettersPort
  conflicts: ConflictsPort
  sweeps: SweepsPort
}

/** The link is looked at this often at most, ms. */
const INTERVAL = 1_000

export function createCloudRouter({ cloud: procedures }: Procedures, services: CloudRouterDependencies) {
  const { status, joining, leaving, settings, deadLetters, conflicts, sweeps } = services
  return {
    show: procedures.show.handler(() => status.show()),
    watch: procedures.watch.handler(async function* ({ signal }) {
      yield* changes(services, signal)
    }),
    preview: procedures.preview.handler(({ input, context }) => joining.preview(input, context.audit)),
    join: procedures.join.handler(async ({ input, context }) => {
      await joining.join(input, nameOf(context.actor), context.audit)
      return status.status()
    }),
    leave: procedures.leave.handler(async ({ input, context }) => {
      await leaving.leave(input.deleteSent, context.audit)
      return status.show()
    }),
    setTenants: procedures.setTenants.handler(async ({ input, context }) => {
      await settings.setTenants(input.tenants, nameOf(context.actor), context.audit)
      return status.status()
    }),
    setLimits: procedures.setLimits.handler(async ({ input, context }) => {
      await settings.setLimits(input, context.audit)
      return status.status()
    }),
    setLogin: procedures.setLogin.handler(async ({ input, context }) => {
      await settings.setLogin(input, context.audit)
      return status.status()
    }),
    pause: procedures.pause.handler(async ({ context }) => {
      await settings.pause(context.audit)
      return status.status()
    }),
    resume: procedures.resume.handler(async ({ context }) => {
      await settings.resume(context.audit)
      return status.status()
    }),
    keepThis: procedures.keepThis.handler(async ({ context }) => {
      await settings.keepThis(context.audit)
      return status.status()
    }),
    resync: procedures.resync.handler(({ input, context }) =>
      sweeps.resync(input, nameOf(context.actor), context.audit),
    ),
    cancelSweep: procedures.cancelSweep.handler(async ({ input, context }) => {
      await sweeps.cancel(input.sweepId, context.audit)
      return {}
    }),
    deadLetters: procedures.deadLetters.handler(({ input }) => deadLetters.list(input)),
    retryDeadLetters: procedures.retryDeadLetters.handler(async ({ input, context }) => ({
      retried: await deadLetters.retry(input.ids, context.audit),
    })),
    editDeadLetter: procedures.editDeadLetter.handler(async ({ input, context }) => {
      await deadLetters.edit(input.deadLetterId, input.value, context.audit)
      return {}
    }),
    discardDeadLetters: procedures.discardDeadLetters.handler(async ({ input, context }) => ({
      discarded: await deadLetters.discard(input.ids, context.audit),
    })),
    conflicts: procedures.conflicts.handler(({ input }) => conflicts.list(input.which, input.limit)),
    resolveConflict: procedures.resolveConflict.handler(({ input, context }) =>
      conflicts.resolve(input.conflictId, input.use, nameOf(context.actor), context.audit),
    ),
  } satisfies Record<keyof typeof cloud, unknown>
}

async function* changes(
  { status, link }: Pick<CloudRouterDependencies, 'status' | 'link'>,
  signal: AbortSignal | undefined,
) {
  let isChanged = true
  let last = ''
  const stop = link.changed.subscribe(() => {
    isChanged = true
  })
  try {
    for await (const _ of ticks(INTERVAL, () => isChanged || null, signal)) {
      isChanged = false
      const view = await status.show()
      const text = JSON.stringify(view)
      if (text === last) continue
      last = text
      yield view
    }
  } finally {
    stop()
  }
}

function nameOf(actor: { kind: string; name?: string }): string {
  return actor.name ?? actor.kind
}
