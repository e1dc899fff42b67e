/** What went wrong in a handshake, by Node's and OpenSSL's codes, in words for the connection doctor. */
const words: Readonly<Record<string, string>> = {
  ECONNRESET: 'the gateway closed the connection during the handshake',
  ERR_TLS_HANDSHAKE_TIMEOUT: 'the handshake did not end in time',
  ERR_SSL_WRONG_VERSION_NUMBER: 'no TLS: plain MQTT or another protocol was sent',
  ERR_SSL_HTTP_REQUEST: 'no TLS: plain HTTP was sent',
  ERR_SSL_HTTPS_PROXY_REQUEST: 'no TLS: a proxy request was sent',
  ERR_SSL_UNSUPPORTED_PROTOCOL: 'the gateway speaks no TLS version of 1.2 or newer',
  ERR_SSL_VERSION_TOO_LOW: 'the gateway speaks no TLS version of 1.2 or newer',
  ERR_SSL_NO_SHARED_CIPHER: 'no cipher in common',
  ERR_SSL_NO_SUITABLE_KEY_SHARE: 'no elliptic curve in common',
  ERR_SSL_NO_SHARED_GROUP: 'no elliptic curve in common',
  ERR_SSL_TLSV1_ALERT_UNKNOWN_CA: 'the gateway does not trust this site: its ca.crt is another',
  ERR_SSL_TLSV1_UNRECOGNIZED_NAME: 'the gateway asked for another host name',
  ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE:
    "the gateway refused the site's certificate: check its ca.crt and host name",
  ERR_SSL_SSLV3_ALERT_CERTIFICATE_UNKNOWN:
    "the gateway refused the site's certificate: check its ca.crt and host name",
  ERR_SSL_SSLV3_ALERT_CERTIFICATE_EXPIRED:
    "the gateway finds the site's certificate expired: check its clock",
  ERR_SSL_SSLV3_ALERT_UNSUPPORTED_CERTIFICATE: "the gateway cannot use the site's certificate",
  ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE: 'the gateway found nothing in common',
  ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION: 'the gateway wants another TLS version',
  ERR_SSL_TLSV1_ALERT_DECRYPT_ERROR: 'the handshake failed a check at the gateway',
  ERR_SSL_BAD_SIGNATURE: 'the private key of the gateway does not fit its certificate',
}

export function tlsFailureInWords(error: Error & { code?: string; reason?: string }): string {
  const code = error.code ?? ''
  return words[code] ?? `${error.reason ?? error.message} (${code || 'no code'})`
}
