import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
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

/**
 * The site to attach to when the engine refused to start because another runs on the data folder. Its web CA stands in
 * `run.json`, a file that only the folder's owner can read and write.
 *
 * @returns null when the refusal is another one, or the other engine serves no UI yet
 */
export async function runningSite(refusal: Refusal | null, dataDir: string): Promise<RunningSite | null> {
  if (refusal?.code !== 'data_in_use') return null
  const url = refusal.data['url']
  const origin = typeof url === 'string' ? originOf(url) : null
  if (!origin?.startsWith('https://')) return null
  try {
    const caPem = await readWebCa(dataDir)
    const partition = `persist:site-${createHash('sha256').update(caPem).digest('hex').slice(0, 16)}`
    return { origin, caPem, partition }
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

async function readWebCa(dataDir: string): Promise<string> {
  const run: unknown = JSON.parse(await readFile(join(dataDir, 'run.json'), 'utf8'))
  const pem = typeof run === 'object' && run !== null && 'webCa' in run ? run.webCa : null
  if (typeof pem !== 'string') throw new Error('run.json holds no web CA')
  return pem
}
