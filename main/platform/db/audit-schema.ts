import type { ColumnType, Generated } from 'kysely'
import type { Optional } from './people-schema.ts'

export interface AuditEntryTable {
  seq: Generated<number>
  at: number
  actorKind: 'user' | 'api_key' | 'local' | 'system' | 'gateway' | 'anonymous'
  actorId: string | null
  action: string
  objectKind: string | null
  objectId: string | null
  tenantId: string | null
  outcome: 'done' | 'refused' | 'failed'
  errorCode: string | null
  requestId: string | null
  details: string
  /** Salted SHA-256 of the personal part, so that deleting that part keeps the chain provable. */
  personalHash: Uint8Array
  /** HMAC-SHA-256 over the previous entry's value and this entry. */
  chain: Uint8Array
  /** What the chain holds of an entry: entries of before 0007-audit are of the first. */
  format: ColumnType<1 | 2, 1 | 2 | undefined, 1 | 2>
  /** What was called, the HTTP status that it was answered with, how long it took. Null where nobody called. */
  path: Optional<string>
  status: Optional<number>
  durationMs: Optional<number>
  /** Whose personal details lie in `auditSubjects`; their salted hash. */
  subjectId: Optional<string>
  subjectHash: Optional<Uint8Array>
}

/** Who did it. The row is gone once that person's data was deleted on request. */
export interface AuditPersonalTable {
  seq: number
  salt: Uint8Array
  actorName: string
  address: string
}

/** What an entry says of a person: JSON. The row is gone once that person's data was deleted on request. */
export interface AuditSubjectTable {
  seq: number
  salt: Uint8Array
  details: string
}

/** Where retention cut the oldest entries off: the chain is proved from here. */
export interface AuditCheckpointTable {
  /** The last entry that was cut, and its link. */
  seq: number
  chain: Uint8Array
  /** How many were cut until then. */
  entries: number
  /** They are all older than this, ms. */
  before: number
  at: number
  /** HMAC-SHA-256 under a key of its own. */
  seal: Uint8Array
}
