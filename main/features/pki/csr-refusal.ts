import { ExpectedError } from '#contract/errors.ts'

/** Why a certificate request is refused: for programs, and for the audit. */
export type CsrRefusal =
  | 'too_large'
  | 'malformed'
  | 'key_not_allowed'
  | 'key_weak'
  | 'signature_not_allowed'
  | 'signature_wrong'
  | 'asks_too_much'
  | 'name_foreign'
  | 'key_taken'
  | 'key_compromised'

/** `cause` is for people: what is wrong with "it". */
export function csrRefused(reason: CsrRefusal, cause: string): ExpectedError {
  return new ExpectedError('csr_refused', { reason, cause })
}
