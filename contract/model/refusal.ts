import * as z from 'zod'

/** Why the broker refused a connection or a message. The connection doctor and the UI word these. */
export const refusalReasons = [
  'tls_failed',
  'no_certificate',
  'certificate_unknown_issuer',
  'certificate_expired',
  'certificate_not_yet_valid',
  'certificate_not_trusted',
  'certificate_unknown',
  'certificate_revoked',
  'gateway_suspended',
  'gateway_revoked',
  'tenant_suspended',
  'quota_exceeded',
  'client_suspended',
  'client_unknown',
  'password_wrong',
  'password_missing',
  'password_gateways_off',
  'bind_pending',
  'too_many_sessions',
  'origin_denied',
  'client_id_mismatch',
  'connect_timeout',
  'wrong_port',
  'not_mqtt',
  'protocol_unsupported',
  'packet_too_large',
  'too_many_connections',
  'topic_denied',
  'subscription_denied',
  'will_denied',
  'payload_not_json',
  'payload_invalid',
  'payload_too_large',
  'value_invalid',
  'too_many_channels',
  'queue_full',
] as const
export type RefusalReason = (typeof refusalReasons)[number]
export const RefusalReasonSchema = z.enum(refusalReasons)

/** What ended a TLS handshake. `alert_…`: the other side said so; the rest is what this side saw. */
export const tlsFailures = [
  'silent',
  'closed',
  'left_after_handshake',
  'timeout',
  'plain',
  'http',
  'old_version',
  'nothing_in_common',
  'bad_signature',
  'alert_unknown_ca',
  'alert_bad_certificate',
  'alert_certificate_unknown',
  'alert_certificate_expired',
  'alert_unsupported_certificate',
  'alert_name',
  'alert_handshake',
  'alert_version',
  'alert_decrypt',
  'other',
] as const
export type TlsFailure = (typeof tlsFailures)[number]

/** What the first bytes of a connection are: before TLS, or, where TLS stood, within it. */
export const firstBytesKinds = ['tls', 'mqtt', 'http', 'other'] as const
export type FirstBytes = (typeof firstBytesKinds)[number]

/** A certificate as its owner showed it; cut and cleaned, for it may come from anyone. Times in ms since 1970. */
export const ShownCertificateSchema = z.object({
  subject: z.string(),
  issuer: z.string(),
  serial: z.string(),
  notBefore: z.number(),
  notAfter: z.number(),
  /** `EC P-256`, `RSA 2048` */
  key: z.string(),
  fingerprint: z.string(),
})
export type ShownCertificate = z.infer<typeof ShownCertificateSchema>

/** What was seen of a refused connection, so that a person can be told why. Null where it was not seen. */
export const RefusalEvidenceSchema = z.object({
  /** By which door, and the port of it. */
  listener: z.enum(['mqtts', 'password', 'websocket', 'https', 'device_https', 'http']).nullable(),
  port: z.number().int().nullable(),
  failure: z.enum(tlsFailures).nullable(),
  firstBytes: z.enum(firstBytesKinds).nullable(),
  /** The host name that it asked for. RFC 6066 3 */
  serverName: z.string().nullable(),
  /** The version agreed on, else the newest that it offered. */
  tls: z.string().nullable(),
  cipher: z.string().nullable(),
  /** What its clock said in the ClientHello, ms since 1970: some TLS libraries still send it. RFC 5246 7.4.1.2 */
  clock: z.number().nullable(),
  certificate: ShownCertificateSchema.nullable(),
})
export type RefusalEvidence = z.infer<typeof RefusalEvidenceSchema>
