/** RFC 5280 5.3.1 CRLReason, those that a site uses. */
export const revocationReasons = {
  unspecified: 0,
  keyCompromise: 1,
  cACompromise: 2,
  affiliationChanged: 3,
  superseded: 4,
  cessationOfOperation: 5,
  privilegeWithdrawn: 9,
} as const

export type RevocationReason = keyof typeof revocationReasons

/**
 * What people and programs write as a reason (`key-compromise`, `KEY_COMPROMISE`, free text) as a code for the
 * CRL. Free text is for the history and the audit; here it becomes `unspecified`.
 */
export function parseRevocationReason(text: string | null | undefined): RevocationReason {
  const letters = (value: string) => value.toLowerCase().replace(/[^a-z]/g, '')
  const wanted = letters(text ?? '')
  const names = Object.keys(revocationReasons) as RevocationReason[]
  return names.find((name) => letters(name) === wanted) ?? 'unspecified'
}
