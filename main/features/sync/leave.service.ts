import { ExpectedError } from '#contract/errors.ts'
import type { CloudDeleted } from '#contract/model/cloud.ts'
import { AuditDraft, type AuditService } from '#features/audit/index.ts'
import type { Clock } from '#platform/clock/clock.ts'
import type { SiteDb, SiteTrx } from '#platform/db/site-db.ts'
import type { Log } from '#platform/log/log.ts'
import { type CloudConnection, openCloudConnection } from '#platform/postgres/cloud-connection.ts'
import type { CloudDestination } from '#platform/postgres/cloud-destination.ts'
import type { Sealer } from '#platform/secrets/sealing.ts'
import { Alarm } from './link/alarm.ts'
import { forgetTenant, setMode } from './link/cloud-calls.ts'
import type { CloudLink } from './link/cloud-link.ts'
import { destinationOfLink } from './link/cloud-login.ts'
import { lookAt } from './link/cloud-look.ts'
import { installationToken, sayGoodbye } from './link/handshake.ts'
import * as repository from './link/link.repository.ts'
import { withCloud } from './link/one-connection.ts'
import { sameCloud } from './link/open-session.ts'
import type { TenantChoices } from './tenant-choices.ts'

export interface LeaveDependencies {
  db: SiteDb
  audit: AuditService
  clock: Clock
  log: Log
  version: string
  sealer(): Sealer
  link: CloudLink
  choices: TenantChoices
  /** Nothing is known of the cloud's fleet any more. */
  forgetAll(trx: SiteTrx): Promise<void>
}

/** Telling the cloud goodbye may take so long, ms; a site leaves also where nobody answers. */
const GOODBYE = 5_000
/** Who ends the link once the deletion is done. */
const bySite = { kind: 'system', id: null, name: 'site' } as const

/**
 * Leaving a cloud: nothing is sent any more. Where what was sent is to be deleted there, the site leaves when that is done:
 * the link sees to it, as often and for as long as it takes, also after a restart.
 */
export class LeaveService {
  readonly #dependencies: LeaveDependencies
  /** What was deleted in the cloud that the site left last; null: it left none since it was started. */
  left: CloudDeleted | null = null

  constructor(dependencies: LeaveDependencies) {
    this.#dependencies = dependencies
  }

  /**
   * With `deleteSent` it resolves once the cloud was told and the deletion has begun; without, the site has left, and a
   * deletion that was under way ends there. Of two copies of a site, the one that is not linked leaves without deleting:
   * what is in the cloud is the other's.
   * @throws ExpectedError `cloud_not_joined`, and `cloud_…` where something is to be deleted and the cloud cannot be told
   */
  async leave(deleteSent: boolean, audit: AuditDraft): Promise<void> {
    const { db, link } = this.#dependencies
    const row = await repository.linkRow(db)
    if (row === undefined) throw new ExpectedError('cloud_not_joined')
    if (deleteSent && row.leavingAt !== null) {
      audit.nothingChanged()
      return
    }
    audit.about('cloud', row.host, null, { host: row.host, deleteSent })
    await link.stop()
    try {
      if (deleteSent) await this.#beginDeleting(row, audit)
      else {
        await this.#stopSending(row)
        await this.#forgetCloud(audit)
      }
    } finally {
      // Only where there is still something to do.
      await link.start()
      link.changed.emit()
    }
  }

  /**
   * Deletes in the cloud what this site sent, and has the site leave. Goes on where it was ended: what is deleted already is
   * passed at once. Resolves with `signal`.
   * @throws ExpectedError `cloud_…`
   */
  async takeBack(
    link: repository.LinkRow,
    destination: CloudDestination,
    signal: AbortSignal,
  ): Promise<void> {
    const { db } = this.#dependencies
    const connection = await openCloudConnection(destination, { name: 'leaving', signal })
    try {
      await this.#sayGoodbye(connection, link, destination)
      const tenants = (await repository.tenantRows(db)).map(({ cloudTenantId }) => cloudTenantId)
      for (const id of [...tenants, ...(await repository.tenantsToForget(db))])
        await this.#deleteTenant(connection, id, signal)
    } catch (error) {
      throw connection.failureOf(error, 'deleting what was sent')
    } finally {
      await connection.close()
    }
    // Whoever ended it now sees to the rest.
    signal.throwIfAborted()
    const subject = { actor: bySite, action: 'cloud.leave', address: 'local', requestId: null }
    await this.#forgetCloud(new AuditDraft(subject).about('cloud', link.host, null, { host: link.host }))
    // This runs in the link's loop, which cannot wait for its own end.
    void this.#endLink()
    await new Alarm().wait(2 ** 31 - 1, signal)
  }

  /** From here on nothing is sent, and all that is done is to delete. */
  async #beginDeleting(row: repository.LinkRow, audit: AuditDraft): Promise<void> {
    const { db, clock, choices, sealer } = this.#dependencies
    const destination = await destinationOfLink(db, row, sealer())
    await withCloud(destination, 'saying goodbye', (connection) =>
      this.#sayGoodbye(connection, row, destination),
    )
    await db.transaction().execute(async (trx) => {
      await repository.updateLink(trx, { leavingAt: clock.now(), paused: 0, stoppedBy: null })
      for (const { tenantId } of await repository.tenantRows(trx)) await choices.turnOff(trx, tenantId)
      await this.#dependencies.audit.recordIn(trx, audit)
    })
  }

  async #stopSending(row: repository.LinkRow): Promise<void> {
    const { db, sealer, log } = this.#dependencies
    try {
      const destination = await destinationOfLink(db, row, sealer())
      const stop = async (connection: CloudConnection) => {
        await this.#sayGoodbye(connection, row, destination)
        for (const { cloudTenantId, mode } of await repository.tenantRows(db))
          if (mode !== 'off') await setMode(connection, cloudTenantId, 'off')
      }
      await withCloud(destination, 'saying goodbye', stop, GOODBYE)
    } catch (err) {
      log.info({ err }, 'the site leaves a cloud that does not hear of it')
    }
  }

  async #sayGoodbye(
    connection: CloudConnection,
    row: repository.LinkRow,
    destination: CloudDestination,
  ): Promise<void> {
    const { db, clock, version, sealer } = this.#dependencies
    sameCloud(row, await lookAt(connection, destination))
    const token = installationToken(sealer(), row)
    await sayGoodbye(connection, token, { db, version, now: () => clock.now() })
  }

  async #deleteTenant(
    connection: CloudConnection,
    cloudTenantId: string,
    signal: AbortSignal,
  ): Promise<void> {
    for (let isDone = false; !isDone; ) {
      signal.throwIfAborted()
      const { readings, objects, done } = await forgetTenant(connection, cloudTenantId)
      await repository.addDeleted(this.#dependencies.db, readings, objects)
      isDone = done
    }
  }

  async #forgetCloud(audit: AuditDraft): Promise<void> {
    const { db, audit: log, forgetAll } = this.#dependencies
    const { deletedReadings = 0, deletedObjects = 0 } = (await repository.linkRow(db)) ?? {}
    audit.details = { ...audit.details, deletedReadings, deletedObjects }
    await db.transaction().execute(async (trx) => {
      await repository.deleteEverything(trx)
      await forgetAll(trx)
      await log.recordIn(trx, audit)
    })
    this.left = { deletedReadings, deletedObjects }
  }

  async #endLink(): Promise<void> {
    const { link, log } = this.#dependencies
    try {
      await link.stop()
      // Somebody may have joined meanwhile.
      await link.start()
    } catch (err) {
      log.error({ err }, 'the link to the cloud could not be ended')
    }
  }
}
