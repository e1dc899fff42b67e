import { createEngine, type EngineAddresses } from '#engine/create-engine.ts'
import { EngineHost } from './engine-host.ts'

/** From the last message until the process ends: time for it to leave. */
const FLUSH_MS = 50

/** Plain HTTP on loopback first: a person's browser on this machine then shows no certificate warning. */
function urlsOf({ http, https }: EngineAddresses): string[] {
  return http === null ? https : [http, ...https]
}

const host = new EngineHost({
  parent: process.parentPort,
  create: async (start) => {
    const engine = createEngine({
      dataDir: start.dataDir,
      host: 'desktop',
      ports: start.ports,
      ...(start.addresses ? { addresses: start.addresses } : {}),
      ...(start.externalKey ? { siteKey: { external: Buffer.from(start.externalKey) } } : {}),
    })
    return {
      start: async () => ({ urls: urlsOf(await engine.start()) }),
      stop: () => engine.stop(),
      attachPort: (port, keeper) => engine.attachPort(port, keeper),
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
