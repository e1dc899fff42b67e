import type { ColumnType, Generated } from 'kysely'
import type {
  AuditCheckpointTable,
  AuditEntryTable,
  AuditPersonalTable,
  AuditSubjectTable,
} from './audit-schema.ts'
import type {
  CloudChannelTable,
  CloudConflictTable,
  CloudDeadLetterTable,
  CloudLinkTable,
  CloudOutboxTable,
  CloudSweepTable,
  CloudTenantTable,
  CloudVersionTable,
} from './cloud-schema.ts'
import type {
  ClaimWindowTable,
  CommandTable,
  CredentialKind,
  DialectTable,
  EstPasswordTable,
  GatewayAliasTable,
  GatewayProfileTable,
  GatewaySecretTable,
  HandoverTable,
  KnockTable,
} from './enrollment-schema.ts'
import type {
  BenchRunTable,
  BirthRecordTable,
  FirmwareBundleTable,
  FirmwarePublisherTable,
  FlashJobTable,
  WifiNetworkTable,
} from './flashing-schema.ts'
import type {
  ApiKeyTable,
  GatewayLimitsTable,
  GroupTable,
  InvitationTable,
  MembershipTable,
  MqttClientTable,
  Optional,
  RefreshTokenTable,
  RoleTable,
  SecondFactorTable,
  SessionTable,
  SignOnProviderTable,
  TenantUsageTable,
  UserTable,
} from './people-schema.ts'
import type { RetentionClassTable, StorageEventTable, StoragePolicyTable } from './retention-schema.ts'

/**
 * The site's own store, as Kysely sees it. Times are integers, milliseconds since 1970 UTC; ids are UUIDv7
 * text; booleans are 0 or 1; JSON is text. The tables are made by the numbered files in `migrations/`.
 */
export interface SiteSchema {
  settings: { key: string; value: string }
  tenants: TenantTable
  users: UserTable
  sessions: SessionTable
  gateways: GatewayTable
  assignments: AssignmentTable
  gatewayHistory: GatewayHistoryTable
  certificates: CertificateTable
  sealedSecrets: SealedSecretTable
  handovers: HandoverTable
  firmwareBundles: FirmwareBundleTable
  firmwarePublishers: FirmwarePublisherTable
  wifiNetworks: WifiNetworkTable
  benchRuns: BenchRunTable
  flashJobs: FlashJobTable
  birthRecords: BirthRecordTable
  crls: CrlTable
  channels: ChannelTable
  refusals: RefusalTable
  auditEntries: AuditEntryTable
  auditPersonal: AuditPersonalTable
  auditSubjects: AuditSubjectTable
  auditCheckpoints: AuditCheckpointTable
  idempotencyKeys: IdempotencyKeyTable
  calculations: CalculationTable
  jobs: JobTable
  views: ViewTable
  annotations: AnnotationTable
  retentionClasses: RetentionClassTable
  storagePolicy: StoragePolicyTable
  storageEvents: StorageEventTable
  groups: GroupTable
  roles: RoleTable
  memberships: MembershipTable
  membershipGroups: { userId: string; tenantId: string; groupId: string }
  refreshTokens: RefreshTokenTable
  /** Where a person signed in from: an IPv4 address or an IPv6 /64. */
  signInNetworks: { userId: string; network: string; lastAt: number }
  invitations: InvitationTable
  secondFactors: SecondFactorTable
  recoveryCodes: { userId: string; codeHash: string; usedAt: number | null }
  signOnProviders: SignOnProviderTable
  signOnIdentities: { providerId: string; subject: string; userId: string; createdAt: number }
  apiKeys: ApiKeyTable
  mqttClients: MqttClientTable
  tenantUsage: TenantUsageTable
  gatewayLimits: GatewayLimitsTable
  gatewayProfiles: GatewayProfileTable
  gatewayAliases: GatewayAliasTable
  gatewaySecrets: GatewaySecretTable
  dialects: DialectTable
  claimWindows: ClaimWindowTable
  knocks: KnockTable
  commands: CommandTable
  estPasswords: EstPasswordTable
  cloudLink: CloudLinkTable
  cloudTenants: CloudTenantTable
  cloudVersions: CloudVersionTable
  cloudOutbox: CloudOutboxTable
  cloudSweeps: CloudSweepTable
  cloudDeadLetters: CloudDeadLetterTable
  cloudConflicts: CloudConflictTable
  cloudChannels: CloudChannelTable
}

export interface TenantTable {
  id: string
  slug: string
  name: string
  state: 'active' | 'suspended'
  createdAt: number
  /** Of its channels; null: the site's default. */
  retentionClass: Optional<string>
  /** Quotas; null: the site's default. */
  gatewayQuota: Optional<number>
  messagesPerHour: Optional<number>
  /** Of all its gateways and MQTT clients together; null: no more than the quota of the hour. */
  messagesPerSecond: Optional<number>
  burst: Optional<number>
  /** Of each of its gateways; null: those of the gateway's dialect. */
  gatewayMessagesPerSecond: Optional<number>
  gatewayBurst: Optional<number>
  storageDays: Optional<number>
  suspendedAt: Optional<number>
  suspendReason: Optional<string>
  deletionRequestedAt: Optional<number>
  /** When a deletion that was asked for takes effect. */
  deletionAt: Optional<number>
  exportJobId: Optional<string>
  /** Whether its gateways may authenticate with a secret alone, without a certificate. */
  passwordGateways: Generated<0 | 1>
  /** Whether its boards are flashed only with bundles of publishers that it trusts. */
  signedFirmwareOnly: Generated<0 | 1>
}

export interface GatewayTable {
  id: string
  tenantId: string
  /** The open assignment; null once unclaimed. */
  assignmentId: string | null
  mac: string | null
  code: string
  label: string
  name: string
  platform: string | null
  hardwareRevision: string | null
  firmwareVersion: string | null
  maxDevices: number
  dialect: string
  state: 'unclaimed' | 'claimed' | 'active' | 'suspended' | 'revoked'
  metadata: string
  createdAt: number
  claimedAt: number | null
  activatedAt: number | null
  lastSeenAt: number | null
  deletedAt: number | null
  groupId: Optional<string>
  ownerUserId: Optional<string>
  profileId: Optional<string>
  credential: Generated<CredentialKind>
  /** 0: the dialect is its profile's, and follows it. */
  ownDialect: Generated<0 | 1>
  /** Of a gateway that must acknowledge its binding: until then it has only the topics of commands. */
  bindState: Optional<'pending' | 'bound'>
}

/** Group and owner change with the gateway's while it is open, and stay as they were at its end. */
export interface AssignmentTable {
  id: string
  gatewayId: string
  tenantId: string
  fromAt: number
  toAt: number | null
  groupId: Optional<string>
  ownerUserId: Optional<string>
  /** Of one that ended: what its gateway was called. */
  code: Optional<string>
}

/** Every change of a gateway's state and of its connection, oldest first by id. */
export interface GatewayHistoryTable {
  id: Generated<number>
  gatewayId: string
  /** Who owned the gateway then: history stays with the tenant when a gateway moves on. */
  tenantId: string
  kind: 'state' | 'presence'
  value: string
  at: number
  reason: string | null
  actor: string | null
}

export interface CertificateTable {
  id: string
  kind:
    | 'device_root'
    | 'device_issuing'
    | 'server_issuing'
    | 'web_ca'
    | 'broker'
    | 'web'
    | 'gateway'
    | 'mqtt_client'
  gatewayId: string | null
  mqttClientId: Optional<string>
  issuerId: string | null
  /** Lower-case hex without separators. */
  serial: string
  subject: string
  keyAlgorithm: 'EC P-256' | 'EC P-384' | 'RSA 2048'
  /** SHA-256 of the DER, lower-case hex. */
  fingerprint: string
  /** SHA-256 of the SubjectPublicKeyInfo, lower-case hex. */
  publicKeyHash: Optional<string>
  pem: string
  notBefore: number
  notAfter: number
  state: 'active' | 'revoked' | 'superseded'
  revokedAt: number | null
  revocationReason: string | null
  createdAt: number
}

/** AES-256-GCM boxes; the associated data is `purpose:id`. */
export interface SealedSecretTable {
  id: string
  purpose: string
  box: Uint8Array
  createdAt: number
}

export interface CrlTable {
  issuerId: string
  number: number
  thisUpdate: number
  nextUpdate: number
  der: Uint8Array
}

export interface ChannelTable {
  id: string
  /** The historian's number of the time series. */
  seriesId: number
  assignmentId: string
  gatewayId: string
  tenantId: string
  /** The name the gateway uses on the wire. */
  key: string
  /** What people call it; null until renamed. */
  name: string | null
  unit: string | null
  kind: 'number' | 'integer' | 'boolean' | 'text'
  lowLimit: number | null
  highLimit: number | null
  createdAt: number
  /** Null: its tenant's, or the site's default. */
  retentionClass: ColumnType<string | null, string | null | undefined, string | null>
}

/** Refused connections and messages, counted by who, where and why. */
export interface RefusalTable {
  id: string
  gatewayId: string | null
  tenantId: string | null
  reason: string
  address: string
  clientId: string | null
  fingerprint: string | null
  topic: string | null
  detail: string | null
  /** What was seen of the connection, the newest time: JSON of the contract's `RefusalEvidence`. */
  evidence: Optional<string>
  count: number
  firstAt: number
  lastAt: number
}

export interface IdempotencyKeyTable {
  key: string
  actor: string
  operation: string
  requestHash: string
  /** What the call made, to build the same answer from: never the answer itself, which may hold a key. */
  resultId: ColumnType<string, string, never>
  createdAt: number
}

export interface ViewTable {
  id: string
  kind: 'trend' | 'dashboard'
  name: string
  /** Null: of the local administrator, or of an account that is gone. */
  ownerUserId: string | null
  /** Null: of the whole site. */
  tenantId: string | null
  shared: number
  /** JSON, by the schema of its kind. */
  content: string
  version: number
  createdAt: number
  updatedAt: number
  updatedBy: string | null
}

export interface AnnotationTable {
  id: string
  tenantId: string
  fromAt: number
  /** The same as `fromAt` for a point in time. */
  toAt: number
  text: string
  /** JSON list; empty: about everything of the tenant. */
  channelIds: string
  authorUserId: string | null
  authorName: string | null
  version: number
  createdAt: number
  updatedAt: number
}

/** What takes long. `params`, `checkpoint`, `result`, `errorData` and `log` are JSON of a kind's own shape. */
export interface JobTable {
  id: string
  kind: string
  /** Null for jobs over several tenants, or none. */
  tenantId: string | null
  /** Null for whoever owns the data folder. */
  createdById: string | null
  createdByName: string
  subject: string
  state: 'queued' | 'running' | 'done' | 'failed' | 'cancelled' | 'interrupted'
  done: number
  total: number | null
  params: string
  checkpoint: string | null
  result: string | null
  errorCode: string | null
  errorData: string | null
  log: string
  /** How often it was started: one that ends the site each time is not started for ever. */
  attempts: number
  fileName: string | null
  fileType: string | null
  fileBytes: number | null
  createdAt: number
  startedAt: number | null
  endedAt: number | null
  expiresAt: number | null
}

export interface CalculationTable {
  id: string
  tenantId: string
  /** Unique in the tenant, whatever its letters' case. */
  name: string
  unit: string | null
  /** Channels and calculations stand by their ids: `[<id>] + [=<id>]`. */
  expression: string
  basis: 'average' | 'last'
  createdAt: number
  createdBy: string
}
