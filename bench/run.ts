import { availableParallelism, loadavg } from 'node:os'
import { say } from './figure.ts'

/** `npm run bench -- NAME`: each prints its figures, one JSON line each, on stdout; progress on stderr. */
const benchmarks: Record<string, () => Promise<void>> = {
  ingest: async () => (await import('./figures/ingest.bench.ts')).benchIngest(),
  latency: async () => (await import('./figures/latency.bench.ts')).benchLatency(),
  storm: async () => (await import('./figures/storm.bench.ts')).benchStorm(),
  memory: async () => (await import('./figures/memory.bench.ts')).benchMemory(),
  enroll: async () => (await import('./figures/enroll.bench.ts')).benchEnroll(),
  crl: async () => (await import('./figures/crl.bench.ts')).benchCrl(),
  ready: async () => (await import('./figures/ready.bench.ts')).benchReady(),
}

const wanted = process.argv.slice(2)
const unknown = wanted.filter((name) => !Object.hasOwn(benchmarks, name))
if (wanted.length === 0 || unknown.length > 0) {
  say(`Usage: npm run bench -- ${Object.keys(benchmarks).join('|')}`)
  process.exit(2)
}
const [busy = 0] = loadavg()
if (busy > availableParallelism() / 2)
  say(`This machine is busy (load ${busy.toFixed(1)}): the figures will be poor`)
for (const name of wanted) await benchmarks[name]?.()
