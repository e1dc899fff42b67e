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
  'too_many_sessions',
  'origin_denied',
  'client_id_mismatch',
  'connect_timeout',
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
