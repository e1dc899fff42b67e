import type { Generated } from 'kysely'
import type { Optional } from './people-schema.ts'

/** Images and their manifest. The bytes lie in the data folder under their hashes. */
export interface FirmwareBundleTable {
  id: string
  /** Null: for all of the site. */
  tenantId: string | null
  name: string
  version: string
  kind: 'gateway' | 'other'
  /** JSON (contract/model/bundle.ts): builds with their parts, offsets, sizes and hashes. */
  builds: string
  /** JSON: what the firmware can beside running. */
  abilities: string
  /** The exact bytes that a signature is over. */
  manifest: Uint8Array
  /** SHA-256 of the manifest with all hashes in it, hex: the same bundle is kept once. */
  hash: string
  size: number
  /** Raw Ed25519 key, base64; null: unsigned. */
  publicKey: string | null
  signature: string | null
  importedAt: number
  importedByName: string
}

/** Whose signature a tenant trusts. */
export interface FirmwarePublisherTable {
  id: string
  /** Null: all tenants of the site trust it. */
  tenantId: string | null
  name: string
  /** Raw Ed25519 key, base64. */
  publicKey: string
  addedAt: number
  addedByName: string
}

export interface WifiNetworkTable {
  id: string
  tenantId: string
  ssid: string
  /** Null: an open network. */
  sealedSecretId: string | null
  createdAt: number
  createdByName: string
}

/** Many boards flashed with one set-up; `setup` is JSON (contract/model/flash.ts). */
export interface BenchRunTable {
  id: string
  tenantId: string
  groupId: string | null
  name: string
  setup: string
  /** JSON: in names, as they were when it began. */
  facts: string
  state: 'open' | 'stopping' | 'ended'
  /** The number that the next new gateway takes. */
  nextNumber: number
  startedAt: number
  startedById: string | null
  startedByName: string
  endedAt: number | null
}

/** One USB flashing run on one serial port. JSON: board, port, firstReading, regions, errorData. */
export interface FlashJobTable {
  id: string
  runId: string | null
  tenantId: string
  kind: 'gateway' | 'identify' | 'erase' | 'backup' | 'restore' | 'write' | 'settings' | 'firmware'
  port: string
  /** The USB device, so that the same board on the same socket is known again. */
  portIdentity: string
  state: 'running' | 'passed' | 'failed' | 'cancelled' | 'skipped' | 'interrupted'
  step: 'connecting' | 'preparing' | 'erasing' | 'writing' | 'verifying' | 'booting' | 'waiting'
  attempt: Generated<number>
  tries: Generated<number>
  board: Optional<string>
  mac: Optional<string>
  /** What it becomes: kept over retries, so that a number is used once. */
  code: Optional<string>
  name: Optional<string>
  label: Optional<string>
  /** Set once flash and identity stand. */
  gatewayId: Optional<string>
  committedAt: Optional<number>
  again: Generated<0 | 1>
  serial: Optional<string>
  fingerprint: Optional<string>
  regions: Generated<string>
  /** ms; when its new credential opened its first session. */
  contactAt: Optional<number>
  firstReading: Optional<string>
  /** JSON: which firmware, as its bundle was when it was written. */
  firmware: Optional<string>
  labelledAt: Optional<number>
  /** JSON: what a job outside a run was asked. */
  action: Optional<string>
  fileName: Optional<string>
  fileBytes: Optional<number>
  errorCode: Optional<string>
  errorData: Optional<string>
  startedAt: number
  startedById: string | null
  startedByName: string
  endedAt: Optional<number>
}

/** How a gateway came to be, as it was signed. */
export interface BirthRecordTable {
  id: string
  jobId: string
  gatewayId: string
  tenantId: string
  /** The exact text that is signed. */
  record: string
  signature: string
  keyId: string
  createdAt: number
}
