import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Refusal } from './engine-supervisor.ts'
import { originOf } from './origins.ts'

/** A site that another process runs on the data folder. */
export interface RunningSite {
  origin: string
  /** PEM of its web CA, the only one believed. */
  caPem: string
  /** The session's partition: cookies of one site are not shown to another that took its address. */
  partition: string
}

/** Written by a running engine into its data folder, which only its owner can read: that is why it can be believed. */
export const WEB_CA_FILE = 'web-ca.crt'

/**
 * The site to attach to when the engine refused to start because another runs on the data folder.
 *
 * @returns null when the refusal is another one, or the other engine serves nothing yet
 */
export function runningSite(refusal: Refusal | null, dataDir: string): RunningSite | null {
  if (refusal?.code !== 'data_in_use') return null
  const url = refusal.data['url']
  const origin = typeof url === 'string' ? originOf(url) : null
  if (!origin?.startsWith('https://')) return null
  try {
    const caPem = readFileSync(join(dataDir, WEB_CA_FILE), 'utf8')
    return {
      origin,
      caPem,
      partition: `persist:site-${createHash('sha256').update(caPem).digest('hex').slice(0, 16)}`,
    }
  } catch {
    return null
  }
}

/** Whether a request of an attached window goes to its site and nowhere else. */
export function isSiteRequest(url: string, siteOrigin: string): boolean {
  if (!URL.canParse(url)) return false
  const { protocol, host } = new URL(url)
  // blob: and data: stay within the page.
  if (protocol === 'blob:' || protocol === 'data:') return true
  return (protocol === 'https:' || protocol === 'wss:') && host === new URL(siteOrigin).host
}
