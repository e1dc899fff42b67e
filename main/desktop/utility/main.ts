import type { MessagePortMain } from 'electron'
import { createEngine } from '#engine/create-engine.ts'
import { EngineHost } from './engine-host.ts'

/** From the last message until the process ends: time for it to leave. */
const FLUSH_MS = 50

const host = new EngineHost({
  parent: process.parentPort,
  create: async (start) => {
    const engine = createEngine({
      dataDir: start.dataDir,
      host: 'desktop',
      ...(start.externalKey ? { siteKey: { external: Buffer.from(start.externalKey) } } : {}),
    })
    return {
      start: async () => ({ urls: urlsOf(await engine.start()) }),
      stop: () => engine.stop(),
      attachPort: (port: MessagePortMain) => engine.attachPort(port),
    }
  },
  exit: (code) => {
    setTimeout(() => process.exit(code), FLUSH_MS)
  },
})

process.on('uncaughtException', (error) => {
  console.error(error)
  host.crash(error)
})
process.on('unhandledRejection', (reason) => {
  console.error(reason)
  host.crash(reason)
})

host.start()
