import { LeanGateway } from './lean-gateway.ts'
import type { ConnectResult, LoadAnswer, LoadRequest } from './load-protocol.ts'
import { publishOpenLoop } from './open-loop.ts'

/** Whoever is not in by then stays out, in ms. */
const CONNECT_LIMIT = 120_000

/** Process entry: does what the benchmark asks over IPC, one request at a time. */
let gateways: LeanGateway[] = []
let connected = new Set<LeanGateway>()

async function answer(request: LoadRequest): Promise<LoadAnswer> {
  switch (request.do) {
    case 'prepare':
      gateways = request.gateways.map((gateway) => new LeanGateway(gateway, request.target))
      connected = new Set()
      // A quiet gateway still has to say that it is there, also while others are measured.
      setInterval(() => {
        for (const gateway of connected) gateway.ping()
      }, 60_000).unref()
      return { ok: true }
    case 'connect':
      return { ok: true, connect: await connectAll(request) }
    case 'publish':
      return { ok: true, publish: await publishOpenLoop([...connected], request) }
    case 'cut':
      await Promise.all(gateways.map((gateway) => gateway.cut()))
      connected.clear()
      return { ok: true }
    case 'close':
      await Promise.all(gateways.map((gateway) => gateway.close()))
      connected.clear()
      return { ok: true }
  }
}

/** As gateways do, one that was not let in tries again. */
async function connectAll({ resume, atOnce }: { resume: boolean; atOnce: number }): Promise<ConnectResult> {
  const waiting = gateways.filter((gateway) => !connected.has(gateway))
  const startedAt = performance.now()
  let retries = 0
  let cause: string | null = null
  async function connectInTurn(): Promise<void> {
    for (let gateway = waiting.pop(); gateway !== undefined; gateway = waiting.pop()) {
      try {
        await gateway.connect({ resume })
        connected.add(gateway)
      } catch (error) {
        retries += 1
        cause ??= error instanceof Error ? error.message : String(error)
        if (performance.now() - startedAt > CONNECT_LIMIT) return
        waiting.unshift(gateway)
        await new Promise((resolve) => setTimeout(resolve, 200 + Math.random() * 300))
      }
    }
  }
  await Promise.all(Array.from({ length: atOnce }, connectInTurn))
  const missing = gateways.filter((gateway) => !connected.has(gateway)).length
  return { seconds: (performance.now() - startedAt) / 1_000, retries, missing, cause }
}

process.on('message', (request: LoadRequest) => {
  answer(request).then(
    (result) => process.send?.(result),
    (error: unknown) =>
      process.send?.({ ok: false, cause: error instanceof Error ? error.message : String(error) }),
  )
})
process.on('disconnect', () => process.exit(0))
