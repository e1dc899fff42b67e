import type { TlsFailure } from '#contract/model/refusal.ts'

/** What went wrong in a handshake, by Node's and OpenSSL's codes; of alerts without the protocol's name, see `codeOf`. */
const failures: Readonly<Record<string, TlsFailure>> = {
  ECONNRESET: 'closed',
  ERR_TLS_HANDSHAKE_TIMEOUT: 'timeout',
  ERR_SSL_WRONG_VERSION_NUMBER: 'plain',
  ERR_SSL_PACKET_LENGTH_TOO_LONG: 'plain',
  ERR_SSL_RECORD_TOO_SMALL: 'plain',
  ERR_SSL_UNEXPECTED_MESSAGE: 'plain',
  ERR_SSL_HTTP_REQUEST: 'http',
  ERR_SSL_HTTPS_PROXY_REQUEST: 'http',
  ERR_SSL_UNSUPPORTED_PROTOCOL: 'old_version',
  ERR_SSL_VERSION_TOO_LOW: 'old_version',
  ERR_SSL_INAPPROPRIATE_FALLBACK: 'old_version',
  ERR_SSL_NO_SHARED_CIPHER: 'nothing_in_common',
  ERR_SSL_NO_SUITABLE_KEY_SHARE: 'nothing_in_common',
  ERR_SSL_NO_SHARED_GROUP: 'nothing_in_common',
  ERR_SSL_NO_SHARED_GROUPS: 'nothing_in_common',
  ERR_SSL_NO_SUITABLE_SIGNATURE_ALGORITHM: 'nothing_in_common',
  ERR_SSL_NO_SHARED_SIGNATURE_ALGORITHMS: 'nothing_in_common',
  ERR_SSL_ALERT_UNKNOWN_CA: 'alert_unknown_ca',
  ERR_SSL_ALERT_UNRECOGNIZED_NAME: 'alert_name',
  ERR_SSL_ALERT_BAD_CERTIFICATE: 'alert_bad_certificate',
  ERR_SSL_ALERT_CERTIFICATE_UNKNOWN: 'alert_certificate_unknown',
  ERR_SSL_ALERT_CERTIFICATE_EXPIRED: 'alert_certificate_expired',
  ERR_SSL_ALERT_UNSUPPORTED_CERTIFICATE: 'alert_unsupported_certificate',
  ERR_SSL_ALERT_HANDSHAKE_FAILURE: 'alert_handshake',
  ERR_SSL_ALERT_PROTOCOL_VERSION: 'alert_version',
  ERR_SSL_ALERT_DECRYPT_ERROR: 'alert_decrypt',
  ERR_SSL_BAD_SIGNATURE: 'bad_signature',
}

/** For the list of refusals. */
const words: Readonly<Record<Exclude<TlsFailure, 'other'>, string>> = {
  silent: 'the connection was closed before anything was sent',
  closed: 'the gateway closed the connection during the handshake',
  left_after_handshake:
    'the gateway closed the connection before CONNECT: check its ca.crt and the host name it connects to',
  timeout: 'the handshake did not end in time',
  plain: 'no TLS: plain MQTT or another protocol was sent',
  http: 'no TLS: plain HTTP was sent',
  old_version: 'the gateway speaks no TLS version of 1.2 or newer',
  nothing_in_common: 'no cipher or elliptic curve in common',
  bad_signature: 'the private key of the gateway does not fit its certificate',
  alert_unknown_ca: 'the gateway does not trust this site: its ca.crt is another',
  alert_bad_certificate: "the gateway refused the site's certificate: check its ca.crt and host name",
  alert_certificate_unknown: "the gateway refused the site's certificate: check its ca.crt and host name",
  alert_certificate_expired: "the gateway finds the site's certificate expired: check its clock",
  alert_unsupported_certificate: "the gateway cannot use the site's certificate",
  alert_name: 'the gateway asked for another host name',
  alert_handshake: 'the gateway found nothing in common',
  alert_version: 'the gateway wants another TLS version',
  alert_decrypt: 'the handshake failed a check at the gateway',
}

export interface FailedHandshake {
  failure: TlsFailure
  /** In a few words. */
  detail: string
}

export function failedHandshake(error: Error & { code?: string; reason?: string }): FailedHandshake {
  const code = codeOf(error)
  const failure = failures[code] ?? 'other'
  if (failure !== 'other') return { failure, detail: words[failure] }
  return { failure, detail: `${error.reason ?? error.message} (${code || 'no code'})` }
}

/** The words of a failure that is no error of OpenSSL. */
export function failedBy(failure: Exclude<TlsFailure, 'other'>): FailedHandshake {
  return { failure, detail: words[failure] }
}

/**
 * OpenSSL names an alert after the protocol that it came with, and each version has other names for these:
 * `ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE`, `ERR_SSL_SSL/TLS_ALERT_BAD_CERTIFICATE`, `ERR_SSL_TLSV1_UNRECOGNIZED_NAME`.
 */
function codeOf({ code = '' }: { code?: string }): string {
  return code.replace(/^ERR_SSL_(SSL\/TLS|SSLV3|TLSV1|TLSV13|TLS)_(ALERT_)?(?=[A-Z])/, 'ERR_SSL_ALERT_')
}
