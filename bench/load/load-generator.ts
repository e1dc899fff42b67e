import { LeanGateway } from './lean-gateway.ts'
import type { LoadAnswer, LoadRequest } from './load-protocol.ts'
import { publishOpenLoop } from './open-loop.ts'

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

async function connectAll({ resume, atOnce }: { resume: boolean; atOnce: number }) {
  const waiting = gateways.filter((gateway) => !connected.has(gateway))
  const startedAt = performance.now()
  let failed = 0
  let cause: string | null = null
  async function connectInTurn(): Promise<void> {
    for (let gateway = waiting.pop(); gateway !== undefined; gateway = waiting.pop()) {
      try {
        await gateway.connect({ resume })
        connected.add(gateway)
      } catch (error) {
        failed += 1
        cause ??= error instanceof Error ? error.message : String(error)
      }
    }
  }
  await Promise.all(Array.from({ length: atOnce }, connectInTurn))
  return { seconds: (performance.now() - startedAt) / 1_000, failed, cause }
}

process.on('message', (request: LoadRequest) => {
  answer(request).then(
    (result) => process.send?.(result),
    (error: unknown) =>
      process.send?.({ ok: false, cause: error instanceof Error ? error.message : String(error) }),
  )
})
process.on('disconnect', () => process.exit(0))
