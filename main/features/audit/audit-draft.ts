export interface AuditActor {
  kind: 'user' | 'local' | 'system' | 'gateway' | 'anonymous'
  id: string | null
  name: string
}

export interface AuditSubject {
  actor: AuditActor
  action: string
  address: string
  requestId: string | null
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
  recorded = false

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

  /** The call turned out to change nothing, such as signing out without a session: no entry. */
  nothingChanged(): void {
    this.recorded = true
  }
}
