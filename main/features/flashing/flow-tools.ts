import type { Actor, TenantScope } from '#features/access/index.ts'
import type { AuditService } from '#features/audit/index.ts'
import type { EnrollmentService, PreparedIdentity } from '#features/enrollment/index.ts'
import type { GatewayPublicKey } from '#features/pki/index.ts'
import type { Clock } from '#platform/clock/clock.ts'
import type { SiteDb } from '#platform/db/site-db.ts'
import type { Log } from '#platform/log/log.ts'
import type { BuildNvs, FirmwareSource, RequireFit, SerialBench } from './bench-port.ts'
import type { BenchRunRow } from './bench-runs.repository.ts'
import type { BirthRecords } from './birth-records.service.ts'
import type { Contacts } from './contacts.ts'
import type { FlashJobBook } from './flash-job-book.ts'
import type { GatewayReach } from './gateway-settings.ts'
import type { LabelMaker } from './labelling.ts'
import type { PortClaims } from './port-claims.ts'
import type { PortList } from './port-list.ts'
import type { WifiService } from './wifi.service.ts'

/** What boards on their way need. */
export interface FlowTools {
  db: SiteDb
  clock: Clock
  log: Log
  audit: AuditService
  bench: SerialBench
  firmware: FirmwareSource
  buildNvs: BuildNvs
  requireFit: RequireFit
  book: FlashJobBook
  claims: PortClaims
  ports: PortList
  wifi: Pick<WifiService, 'open'>
  contacts: Contacts
  records: Pick<BirthRecords, 'sign'>
  labels: LabelMaker
  enrollment: Pick<EnrollmentService, 'prepare' | 'certify' | 'enroll'>
  /** How a gateway that is prepared reaches the broker. */
  reachOf(identity: PreparedIdentity): Promise<GatewayReach>
  /** The certificate of a gateway with its issuing CA, PEM. */
  certificateOf(gatewayId: string): Promise<string | null>
  /** The secret that counts of a gateway, by its id. */
  secretOf(gatewayId: string): Promise<string | null>
  /** @throws ExpectedError `csr_refused` */
  readCsr(pem: string): { publicKey: GatewayPublicKey }
  /** Where gateways find the broker, for people. */
  brokerAddress(): string
  isOnline(gatewayId: string): boolean
}

/** Whose work it is. */
export interface FlowCaller {
  actor: Actor
  scope: TenantScope
}

export interface FlowOf {
  jobId: string
  run: BenchRunRow
  caller: FlowCaller
  signal: AbortSignal
}
