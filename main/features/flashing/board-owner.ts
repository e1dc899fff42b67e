import { ExpectedError } from '#contract/errors.ts'
import type { SerialPort } from '#contract/model/serial-port.ts'
import { seesGateway, type TenantScope } from '#features/access/index.ts'
import { gatewaysRepository } from '#features/fleet/index.ts'
import type { SiteDb } from '#platform/db/site-db.ts'
import { jobById } from './flash-jobs.repository.ts'
import type { PortList } from './port-list.ts'

/** Who wants something of a board. */
interface Asking {
  scope: TenantScope
  /** For which tenant; null: for any that they see. */
  tenantId: string | null
}

/**
 * The board of a gateway that somebody does not see is not listened to, talked to or set up.
 *
 * @throws ExpectedError `mac_taken`, without a name
 */
export async function requireOwnBoard(db: SiteDb, { scope, tenantId }: Asking, mac: string): Promise<void> {
  const known = await gatewaysRepository.gatewayByMac(db, mac)
  if (!known || known.state === 'unclaimed') return
  const isOfTenant = tenantId === null || known.tenantId === tenantId
  if (isOfTenant && seesGateway(scope, known)) return
  const isTheirs = known.tenantId === (tenantId ?? (scope.all ? known.tenantId : scope.tenantId))
  throw new ExpectedError('mac_taken', { mac, code: isTheirs ? 'that you do not see' : 'of another tenant' })
}

/** The same of the board on a port, as the newest job there read it since it was plugged in. @throws as `requireOwnBoard` */
export async function requireOwnPort(
  db: SiteDb,
  ports: Pick<PortList, 'jobOf'>,
  asking: Asking,
  port: SerialPort,
): Promise<void> {
  const jobId = ports.jobOf(port)
  const mac = jobId === null ? null : (await jobById(db, { all: true }, jobId))?.mac
  if (mac) await requireOwnBoard(db, asking, mac)
}
