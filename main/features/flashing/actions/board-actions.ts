import type { FlashJob } from '#contract/model/flash.ts'
import type { SerialPort } from '#contract/model/serial-port.ts'
import type { AuditDraft } from '#features/audit/index.ts'
import type { TenantsService } from '#features/tenants/index.ts'
import type { FlashJobRow } from '../flash-jobs.repository.ts'
import type { PortClaims } from '../port-claims.ts'
import type { PortList } from '../port-list.ts'
import type { RunningJobs } from '../running-jobs.ts'
import { ActionRun, type ActionRunDependencies } from './action-run.ts'
import type { ActionCaller, StoredAction } from './action-tools.ts'
import { requireWifi } from './tenant-wifi.ts'

export interface BoardActionsDependencies extends ActionRunDependencies {
  tenants: TenantsService
  ports: PortList
  claims: PortClaims
  running: RunningJobs
  /** @throws ExpectedError `not_found`, and for a bundle that the tenant may not flash */
  requireFirmware(caller: ActionCaller, tenantId: string, bundleId: string): Promise<unknown>
}

/** One thing with one board: each is a job with its row, log, cancel and retry, like a board on its way to a gateway. */
export class BoardActions {
  readonly #dependencies: BoardActionsDependencies

  constructor(dependencies: BoardActionsDependencies) {
    this.#dependencies = dependencies
  }

  /**
   * Begins, and comes back at once with the job.
   *
   * @throws ExpectedError `tenant_unknown`, `not_found`, `port_unknown`, `port_busy`, `port_denied`, `file_missing`, what
   *   `requireFirmware` throws
   */
  async start(
    caller: ActionCaller,
    order: StoredAction & { port: string; tenant?: string | undefined },
    audit: AuditDraft,
  ): Promise<FlashJob> {
    const { tenants, ports, book, files, wifi } = this.#dependencies
    const { action, speed } = order
    const { id: tenantId } = await tenants.resolve(caller.scope, order.tenant)
    audit.about('flash_job', '', tenantId, { kind: action.kind, port: order.port })
    const port = ports.find(order.port)
    ports.requireFree(port)
    if ('uploadId' in action) files.requireUpload(caller.actor, action.uploadId)
    if (action.kind === 'firmware')
      await this.#dependencies.requireFirmware(caller, tenantId, action.bundleId)
    if (action.kind === 'settings' && action.wifiId !== null)
      await requireWifi(wifi, caller.scope, { wifiId: action.wifiId, tenantId })
    return this.#claimed(port, tenantId, async (release) => {
      const stored: StoredAction = { action, speed }
      const begun = { kind: action.kind, runId: null, tenantId, port, actor: caller.actor, action: stored }
      const row = await book.begin(begun)
      audit.about('flash_job', row.id, tenantId, { kind: action.kind, port: port.path })
      return this.#run(row, { port, caller, release })
    })
  }

  /** The same again, on the port where its board is now. @throws ExpectedError `flash_job_conflict`, `port_unknown`, `port_busy`, `port_denied` */
  async retry(caller: ActionCaller, row: FlashJobRow): Promise<FlashJob> {
    const { ports, book, running } = this.#dependencies
    const letBe = running.reserve(row.id)
    try {
      if (row.committedAt !== null) return this.#run(await book.again(row.id, null), { port: null, caller })
      const { path } = JSON.parse(row.port) as FlashJob['port']
      const port = ports.ofIdentity(row.portIdentity) ?? ports.find(path)
      ports.requireFree(port)
      return await this.#claimed(port, row.tenantId, async (release) =>
        this.#run(await book.again(row.id, port), { port, caller, release }),
      )
    } finally {
      letBe()
    }
  }

  /** After the site was started anew: the credential of its gateway counts, and the board is on its own. */
  resume(caller: ActionCaller, row: FlashJobRow): void {
    this.#dependencies.book.adopt(row)
    this.#run(row, { port: null, caller })
  }

  /** The port is given back where no job came of it. */
  async #claimed<T>(
    port: SerialPort,
    tenantId: string,
    begin: (release: () => void) => Promise<T>,
  ): Promise<T> {
    const holder = { kind: 'job' as const, tenantId, jobId: null, who: 'a flash job' }
    const release = this.#dependencies.claims.take(port, holder)
    try {
      return await begin(release)
    } catch (error) {
      release()
      throw error
    }
  }

  #run(
    row: FlashJobRow,
    { port, caller, release }: { port: SerialPort | null; caller: ActionCaller; release?: () => void },
  ): FlashJob {
    const { running, ports, book, log } = this.#dependencies
    const { id, tenantId } = row
    if (port !== null) ports.began(port.identity, { id, tenantId, runId: null })
    const run = new ActionRun(this.#dependencies, row, caller)
    const work = async (signal: AbortSignal) => {
      try {
        await run.run(port, signal, release)
      } catch (err) {
        log.error({ err, jobId: id }, 'a flash job could not be ended')
      } finally {
        release?.()
      }
    }
    void running.run(id, work)
    return book.viewOf(row)
  }
}
