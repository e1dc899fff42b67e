import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { get } from 'node:http'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
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

const ANSWER_MS = 5_000
const LARGEST_CA = 64 * 1024

/**
 * The site to attach to when the engine refused to start because another runs on the data folder. Its web CA comes
 * over its socket, which is named in a file that only the folder's owner can read.
 *
 * @returns null when the refusal is another one, or the other engine serves no UI yet
 */
export async function runningSite(refusal: Refusal | null, dataDir: string): Promise<RunningSite | null> {
  if (refusal?.code !== 'data_in_use') return null
  const url = refusal.data['url']
  const origin = typeof url === 'string' ? originOf(url) : null
  if (!origin?.startsWith('https://')) return null
  try {
    const caPem = await fetchWebCa(await readSocketPath(dataDir))
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

async function readSocketPath(dataDir: string): Promise<string> {
  const run: unknown = JSON.parse(await readFile(join(dataDir, 'run.json'), 'utf8'))
  const socket = typeof run === 'object' && run !== null && 'socket' in run ? run.socket : null
  if (typeof socket !== 'string') throw new Error('run.json names no socket')
  return socket
}

function fetchWebCa(socketPath: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = get(
      {
        socketPath,
        path: '/pki/web-ca.crt',
        headers: { host: 'localhost' },
        signal: AbortSignal.timeout(ANSWER_MS),
      },
      (response) => {
        const tooLong = Number(response.headers['content-length'] ?? 0) > LARGEST_CA
        if (response.statusCode !== 200 || tooLong) {
          response.destroy()
          reject(new Error(`The site answered ${response.statusCode}`))
          return
        }
        text(response).then(resolve, reject)
      },
    )
    request.on('error', reject)
  })
}
