import { join } from 'node:path'
import { auditActor, type Procedures } from '#features/access/index.ts'
import type { ApiKeysService } from '#features/api-keys/index.ts'
import type { AuditService } from '#features/audit/index.ts'
import {
  BenchFiles,
  BenchService,
  BirthRecords,
  BoardActions,
  Contacts,
  createBenchActionsRouter,
  createBenchFilesRouter,
  createBenchRouter,
  FlashJobBook,
  JobLogs,
  Monitors,
  PortClaims,
  PortList,
  RunningJobs,
  RunScheduler,
  RunsService,
  SerialSetup,
  siteItself,
  WifiService,
} from '#features/flashing/index.ts'
import type { FleetService, FleetState } from '#features/fleet/index.ts'
import type { Pki } from '#features/pki/index.ts'
import type { SiteService } from '#features/site/index.ts'
import type { ChannelRegistry } from '#features/telemetry/index.ts'
import type { TenantsService } from '#features/tenants/index.ts'
import { Bench } from '#firmware/flasher/bench.ts'
import { portHelp } from '#firmware/transport/ports/port-help.ts'
import { installUdevRule } from '#firmware/transport/ports/udev-rule.ts'
import type { Clock } from '#platform/clock/clock.ts'
import type { SiteDb } from '#platform/db/site-db.ts'
import type { Historian } from '#platform/historian/historian.ts'
import type { Log } from '#platform/log/log.ts'
import type { createEnrollmentServices } from './enrollment-services.ts'
import type { createFirmwareServices } from './firmware-services.ts'
import { flashingCallers } from './flashing-callers.ts'
import { firmwareSource, flashingPorts } from './flashing-ports.ts'
import type { SiteSecrets } from './site-secrets.ts'

export interface FlashingServicesDependencies {
  dataDir: string
  db: SiteDb
  clock: Clock
  log: Log
  audit: AuditService
  tenants: TenantsService
  site: SiteService
  fleet: FleetService
  state: FleetState
  pki: Pki
  apiKeys: ApiKeysService
  secrets: Pick<SiteSecrets, 'sealer'>
  historian: Historian
  registry: ChannelRegistry
  enrolling: Pick<ReturnType<typeof createEnrollmentServices>, 'directory' | 'enrollment' | 'labels'>
  firmware: Pick<ReturnType<typeof createFirmwareServices>, 'bundles'>
  /** Null: of `firmware/transport`, which writes to this machine. */
  installUdevRule: (() => Promise<{ installed: boolean; command: string | null }>) | null
}

export type FlashingServices = ReturnType<typeof createFlashingServices>

/** Files of the bench are looked through this often, ms. */
const SWEEP_EVERY = 60 * 60_000

/** The bench: USB ports of this machine, and what boards on them become. */
export function createFlashingServices(dependencies: FlashingServicesDependencies, procedures: Procedures) {
  const { dataDir, db, clock, log, fleet, tenants, site, firmware } = dependencies
  const sealer = () => dependencies.secrets.sealer()
  const bench = new Bench((err) => log.error({ err }, 'serial ports could not be looked for'))
  const logs = new JobLogs(
    join(dataDir, 'flash-logs'),
    () => clock.now(),
    (err) => log.error({ err }, 'what a board said could not be written'),
  )
  const book = new FlashJobBook({ db, clock, logs })
  const claims = new PortClaims()
  const ports = new PortList(bench, claims)
  const contacts = new Contacts()
  const running = new RunningJobs()
  const wifi = new WifiService({ ...dependencies, sealer })
  const records = new BirthRecords({
    db,
    clock,
    fleet,
    seed: () => sealer().derive('birth-record'),
    siteName: () => site.name() ?? '',
  })
  const files = new BenchFiles({ dataDir, clock, sealer })
  const bound = flashingPorts(dependencies)
  const source = firmwareSource(firmware.bundles)
  const tools = {
    ...dependencies,
    ...bound,
    bench,
    firmware: source,
    book,
    claims,
    ports,
    wifi,
    contacts,
    records,
    enrollment: dependencies.enrolling.enrollment,
  }
  const runs = new RunsService({ ...tools, ...bound })
  const { callerOf } = flashingCallers(dependencies)
  const scheduler = new RunScheduler({ tools, running, runs, callerOf })
  const actions = new BoardActions({
    ...tools,
    running,
    files,
    changeIn: (trx, jobId, changes) => book.changeIn(trx, jobId, changes),
    requireFirmware: (_caller, tenantId, bundleId) => source.describe(bundleId, tenantId),
  })
  const service = new BenchService({
    tools,
    runs,
    scheduler,
    running,
    fleet,
    tenants,
    retrySingle: (job, { actor, scope }, { subject }) => actions.retry({ actor, scope, subject }, job),
    resumeSingle: async (job) => {
      const { startedById: id, startedByName: name, tenantId } = job
      // Whoever began it, its new credential counts.
      const caller = (await callerOf({ id, name, tenantId })) ?? siteItself(tenantId)
      const subject = {
        actor: auditActor(caller.actor),
        action: 'flash_job.start',
        address: '',
        requestId: null,
      }
      actions.resume({ ...caller, subject }, job)
    },
  })
  const monitors = new Monitors({ db, bench, ports, claims, clock })
  const setup = new SerialSetup({ ...tools })
  const watched = { bench: service, runs, book, ports }
  let sweeping: NodeJS.Timeout | null = null
  return {
    /** Credentials that opened a session. */
    proved: (...sessions: Parameters<Contacts['proved']>) => contacts.proved(...sessions),
    files,
    service,
    book,
    runs,
    /** Before the broker takes sessions: boards may be awaited. */
    start: async () => {
      await files.start()
      bound.hearReadings(contacts)
      bench.start()
      await service.start()
      await sweep(files, book, log)
      sweeping = setInterval(() => void sweep(files, book, log), SWEEP_EVERY).unref()
    },
    /** No port is left open. */
    stop: async () => {
      if (sweeping) clearInterval(sweeping)
      await service.stop()
      await bench.stop()
    },
    /** A tenant is to go: nothing of it is under way then, and its sealed passwords and logs are gone. */
    forgetTenant: async (tenantId: string) => {
      for (const jobId of await service.forgetTenant(tenantId)) await files.deleteBackup(jobId)
      await wifi.forgetTenant(tenantId)
      await files.forgetTenant(tenantId)
    },
    router: {
      ...createBenchRouter(procedures, {
        ...watched,
        wifi,
        records,
        portHelp: () => portHelp(bench.ports()),
      }),
      ...createBenchFilesRouter(procedures, {
        files,
        book,
        service,
        fleet,
        clock,
        siteName: () => site.name() ?? '',
      }),
      ...createBenchActionsRouter(procedures, {
        actions,
        monitors,
        setup,
        installUdevRule: dependencies.installUdevRule ?? (() => installUdevRule()),
      }),
    },
  }
}

async function sweep(files: BenchFiles, book: FlashJobBook, log: Log): Promise<void> {
  try {
    for (const id of await files.sweep())
      if (await book.exists(id)) await book.change(id, { fileName: null, fileBytes: null })
    await book.forgetOld()
  } catch (err) {
    log.error({ err }, 'files of the bench could not be looked through')
  }
}
