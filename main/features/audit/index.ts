export { AuditService } from './audit.service.ts'
export { type AuditActor, AuditDraft } from './audit-draft.ts'
