export interface AuditActor {
  kind: 'user' | 'api_key' | 'local' | 'system' | 'gateway' | 'anonymous'
  id: string | null
  name: string
}

export interface AuditSubject {
  actor: AuditActor
  action: string
  address: string
  requestId: string | null
  /** What was called: `/api/v1/gateways/GW001/suspend`. Left out where nobody called, as for what the site does itself. */
  path?: string | null
  /** The HTTP status where it is done; 200 where left out. */
  successStatus?: number
}

/**
 * An audit entry in the making. A service names the object and what changed, and records it in the transaction
 * of the change itself (`AuditService.recordIn`), so that no change is on disk without its entry.
 */
export class AuditDraft {
  /** Set again when a call makes the caller known, as signing in does. */
  subject: AuditSubject
  object: { kind: string; id: string } | null = null
  tenantId: string | null = null
  details: Record<string, unknown> = {}
  /** What it says of a person, and of whom: lies aside, so that it can be erased. */
  personalDetails: { of: string | null; details: Record<string, unknown> } | null = null
  recorded = false
  /** Where it was written to; there only once that transaction is committed. */
  entry: { seq: number; chain: Uint8Array } | null = null
  /** ms, of the process's own clock. */
  readonly startedAt = performance.now()

  constructor(subject: AuditSubject) {
    this.subject = subject
  }

  /** `details`: plain JSON, never a secret. */
  about(kind: string, id: string, tenantId: string | null, details: Record<string, unknown> = {}): this {
    this.object = { kind, id }
    this.tenantId = tenantId
    this.details = details
    return this
  }

  /**
   * What the entry says of a person: name, e-mail address, before and after. It lies aside and goes when that person's
   * data is erased.
   * @param userId of whom; the object of the entry where that is a user
   */
  personal(details: Record<string, unknown>, userId: string | null = null): this {
    this.personalDetails = { of: userId, details }
    return this
  }

  /** The call turned out to change nothing, such as signing out without a session: no entry. */
  nothingChanged(): void {
    this.recorded = true
  }
}
