export { type AuditActor, AuditDraft } from './audit-draft.ts'
export { AuditService } from './audit.service.ts'
