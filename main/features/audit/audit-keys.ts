import { hkdfSync } from 'node:crypto'

/** The audit's keys, all of one that is derived from the site key: each use has its own (RFC 5869). */
export interface AuditKeys {
  /** HMAC-SHA-256 of the chain. */
  chain: Uint8Array
  /** AES-256-GCM of the file that holds the chain's count and head. */
  head: Uint8Array
  /** HMAC-SHA-256 of the places where retention cut. */
  checkpoint: Uint8Array
}

export function auditKeys(key: Uint8Array): AuditKeys {
  return { chain: key, head: derive(key, 'head'), checkpoint: derive(key, 'checkpoint') }
}

function derive(key: Uint8Array, use: string): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', key, new Uint8Array(), `millwright/audit-${use}`, 32))
}
