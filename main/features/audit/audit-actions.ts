import { AuditDraft } from './audit-draft.ts'

/** Written where the store and its sealed head disagreed. */
export const TAMPERED = 'audit.tampered'
/** Explains why personal parts of entries before it are gone. */
export const ERASED = 'audit.erase'
/** How many failures were counted instead of written. */
export const SKIPPED = 'access.refused'
/** Retention cut the oldest entries. */
export const CUT = 'audit.cut'
/** Somebody chose how long entries are kept. */
export const SETTINGS = 'audit.settings'
/** Somebody had the whole audit proved. */
export const VERIFIED = 'audit.verify'

/** Of what the site does by itself. */
export function systemDraft(action: string): AuditDraft {
  const actor = { kind: 'system', id: null, name: 'site' } as const
  return new AuditDraft({ actor, action, address: 'local', requestId: null })
}
