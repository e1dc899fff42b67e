export type { PreparedAuthorities } from './authorities.ts'
export { createCertificatesRouter } from './certificates.router.ts'
export { certsOnly, csrAttributes, deviceAuthorities } from './certs-only.ts'
export type { ClientCertificate } from './client-certificates.ts'
export { type CredentialBundle, makeCredentialZip } from './credential-zip.ts'
export { type Csr, readCsr, readCsrDer } from './csr.ts'
export { type BoxNames, namesFrom, requireOwnNames } from './csr-names.ts'
export { type CsrRefusal, csrRefused } from './csr-refusal.ts'
export {
  type DeliveredCredential,
  makeDelivered,
  storeDelivered,
} from './delivered-identity.ts'
export {
  certificateByFingerprint,
  hashPublicKey,
  openRenewals,
  requireFreeKey,
  supersedeOthers,
} from './gateway-keys.ts'
export type { PreparedSecret } from './gateway-secrets.ts'
export type { Handover, HandoverEnd, KeyHandover, ProvedCredential, SecretHandover } from './handovers.ts'
export {
  type EndedHandover,
  type GatewayCertificate,
  type GatewayCertificateRequest,
  type GatewayPublicKey,
  type IssuedToGateway,
  Pki,
  type PkiOptions,
} from './pki.service.ts'
export type { CertificateRow, PreparedCertificate } from './prepared-certificate.ts'
export type { ProbeCertificate } from './probe-certificates.ts'
export { parseRevocationReason, type RevocationReason } from './revocation-reason.ts'
export type { RenewedServers, ServerCredentials, WebCredentials } from './server-certificates.ts'
