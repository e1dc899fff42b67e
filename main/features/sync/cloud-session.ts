import type { CloudMode } from '#contract/model/cloud.ts'

/** A tenant of this site in the cloud. */
export interface SessionTenant {
  cloudTenantId: string
  cloudTenantKey: number
  mode: Exclude<CloudMode, 'off'>
  /** Readings before this are not sent, ms; null: all. */
  fromAt: number | null
}

/** What a session with the cloud knows; kept true while it lasts. */
export interface CloudSession {
  /** This site's id and number there. */
  siteId: string
  siteKey: number
  /** First part of a reading's version. */
  generation: number
  /** Node of this site's stamps: the first 8 hex digits of its id. */
  node: string
  /** By the tenant's id here; those that are `off` or refused are not in it. */
  tenants: Map<string, SessionTenant>
  storage: 'native' | 'timescale'
  schemaVersion: number
  /** Which counter the feed's transaction numbers are of; another one makes a cursor void. */
  feedOf: string
  limits: { bytesPerSecond: number | null }
}
