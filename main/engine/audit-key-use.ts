/** What the audit's key is derived for. */
export const AUDIT_KEY_USE = 'audit-chain'
