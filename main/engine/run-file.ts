import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { writeDurably } from '#platform/secrets/durable-file.ts'
import type { EngineAddresses } from './engine.ts'

/** Tells the command line, the desktop and the next engine where this one is. Only the owner may read it. */
export async function writeRunFile(
  dataDir: string,
  version: string,
  addresses: EngineAddresses,
): Promise<void> {
  const run = {
    pid: process.pid,
    version,
    startedAt: new Date().toISOString(),
    socket: addresses.socket,
    tokenFile: addresses.tokenFile,
    url: addresses.https[0] ?? null,
    httpUrl: addresses.http,
    mqtts: addresses.mqtts[0] ?? null,
    deviceHttps: addresses.deviceHttps[0] ?? null,
    webCa: addresses.webCaPem,
  }
  await writeDurably(runFilePath(dataDir), `${JSON.stringify(run, null, 2)}\n`)
}

export function removeRunFile(dataDir: string): void {
  rmSync(runFilePath(dataDir), { force: true })
}

function runFilePath(dataDir: string): string {
  return join(dataDir, 'run.json')
}
