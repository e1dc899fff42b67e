import type { ErrorCode, ErrorData } from '#contract/errors.ts'
import type { CertificateSpec } from './certificate-spec.ts'
import type { CrlContent } from './crl.ts'

/** What the signing thread is asked. `issuerId` is the id of a CA's certificate. */
export type SignerRequest =
  /** Takes a CA's key into the thread. `privateKey` (PKCS#8) is moved there and overwritten. */
  | {
      op: 'addIssuer'
      issuerId: string
      certificate: Uint8Array<ArrayBuffer>
      privateKey: Uint8Array<ArrayBuffer>
    }
  /** Makes a key and its certificate; `issuerId` null signs with the new key itself. `keepAs` makes it an issuer. */
  | { op: 'issue'; spec: CertificateSpec; issuerId: string | null; keepAs: string | null }
  /** Signs a certificate for a key that its owner made. `publicKey`: DER SubjectPublicKeyInfo. */
  | { op: 'issueFor'; spec: CertificateSpec; issuerId: string; publicKey: Uint8Array<ArrayBuffer> }
  | { op: 'signCrl'; issuerId: string; content: CrlContent }
  | { op: 'forgetIssuer'; issuerId: string }
  | { op: 'selfTest'; now: number }

export interface SignerAnswers {
  addIssuer: null
  issue: IssuedCertificate
  issueFor: { certificate: Uint8Array<ArrayBuffer> }
  signCrl: { der: Uint8Array<ArrayBuffer> }
  forgetIssuer: null
  selfTest: null
}

export interface IssuedCertificate {
  certificate: Uint8Array<ArrayBuffer>
  /** PKCS#8 DER: seal it, then overwrite it. */
  privateKey: Uint8Array<ArrayBuffer>
}

export interface SignerCall {
  id: number
  request: SignerRequest
}

export type SignerReply = { id: number } & (
  | { answer: SignerAnswers[keyof SignerAnswers] }
  /** The thread (a new one, perhaps) does not hold this CA's key yet. */
  | { issuerMissing: string }
  | { expected: { code: ErrorCode; data: ErrorData } }
  | { failed: string }
)
