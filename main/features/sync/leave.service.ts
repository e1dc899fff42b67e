import { ExpectedError } from '#contract/errors.ts'
import type { AuditDraft, AuditService } from '#features/audit/index.ts'
import type { Clock } from '#platform/clock/clock.ts'
import type { SiteDb, SiteTrx } from '#platform/db/site-db.ts'
import type { CloudConnection } from '#platform/postgres/cloud-connection.ts'
import type { Sealer } from '#platform/secrets/sealing.ts'
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
  version: string
  sealer(): Sealer
  link: CloudLink
  choices: TenantChoices
  /** Nothing is known of the cloud's fleet any more. */
  forgetAll(trx: SiteTrx): Promise<void>
}

export interface Left {
  deletedReadings: number
  deletedObjects: number
}

/** Telling the cloud goodbye may take so long, ms; a site leaves also where nobody answers. */
const GOODBYE = 5_000
/** Deleting years of readings takes its time, ms. */
const DELETING = 60 * 60_000

/** Leaving a cloud: nothing is sent any more, and what was sent is deleted there where that was asked for. */
export class LeaveService {
  readonly #dependencies: LeaveDependencies

  constructor(dependencies: LeaveDependencies) {
    this.#dependencies = dependencies
  }

  /**
   * Where the deletion breaks off, the site stays joined, and leaving again goes on with what is left. Of two copies of a
   * site, the one that is not linked leaves alone: what is in the cloud is the other's.
   * @throws ExpectedError `cloud_not_joined`, and `cloud_…` where something is to be deleted and cannot be
   */
  async leave(deleteSent: boolean, audit: AuditDraft): Promise<Left> {
    const { db, link } = this.#dependencies
    const row = await repository.linkRow(db)
    if (row === undefined) throw new ExpectedError('cloud_not_joined')
    audit.about('cloud', row.host, null, { host: row.host, deleteSent })
    await link.stop()
    try {
      const deleted = await this.#goodbye(row, deleteSent)
      await db.transaction().execute(async (trx) => {
        audit.details = { ...audit.details, ...deleted }
        await repository.deleteEverything(trx)
        await this.#dependencies.forgetAll(trx)
        await this.#dependencies.audit.recordIn(trx, audit)
      })
      link.changed.emit()
      return deleted
    } catch (error) {
      await link.start()
      throw error
    }
  }

  async #goodbye(row: repository.LinkRow, deleteSent: boolean): Promise<Left> {
    const { db, sealer } = this.#dependencies
    const deleted: Left = { deletedReadings: 0, deletedObjects: 0 }
    try {
      const destination = await destinationOfLink(db, row, sealer())
      const deadline = deleteSent ? DELETING : GOODBYE
      await withCloud(
        destination,
        'deleting what was sent',
        async (connection, signal) => {
          sameCloud(row, await lookAt(connection, destination))
          await this.#sayGoodbye(connection, row)
          if (deleteSent) await this.#delete(connection, signal, deleted)
          else await this.#stopAll(connection)
        },
        deadline,
      )
    } catch (error) {
      if (deleteSent) throw error
    }
    return deleted
  }

  async #sayGoodbye(connection: CloudConnection, row: repository.LinkRow): Promise<void> {
    const { db, clock, version, sealer } = this.#dependencies
    const token = installationToken(sealer(), row)
    await sayGoodbye(connection, token, { db, version, now: () => clock.now() })
  }

  async #delete(connection: CloudConnection, signal: AbortSignal, deleted: Left): Promise<void> {
    const { db, choices } = this.#dependencies
    const gone = await repository.tenantsToForget(db)
    for (const { tenantId, cloudTenantId } of await repository.tenantRows(db)) {
      // Where this breaks off and nobody leaves again, what is deleted there does not count as sent.
      await db.transaction().execute((trx) => choices.turnOff(trx, tenantId))
      await forget(connection, cloudTenantId, { signal, deleted })
    }
    for (const id of gone) await forget(connection, id, { signal, deleted })
  }

  async #stopAll(connection: CloudConnection): Promise<void> {
    for (const { cloudTenantId, mode } of await repository.tenantRows(this.#dependencies.db))
      if (mode !== 'off') await setMode(connection, cloudTenantId, 'off')
  }
}

async function forget(
  connection: CloudConnection,
  cloudTenantId: string,
  { signal, deleted }: { signal: AbortSignal; deleted: Left },
): Promise<void> {
  for (let isDone = false; !isDone; ) {
    signal.throwIfAborted()
    const slice = await forgetTenant(connection, cloudTenantId)
    deleted.deletedReadings += slice.readings
    deleted.deletedObjects += slice.objects
    isDone = slice.done
  }
}
