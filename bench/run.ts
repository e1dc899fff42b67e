import { availableParallelism, loadavg } from 'node:os'
import { say } from './figure.ts'
import { readOptions } from './options.ts'

/** `npm run bench -- NAME`: each prints its figures, one JSON line each, on stdout; progress on stderr. */
const benchmarks: Record<string, () => Promise<void>> = {
  ingest: async () => (await import('./figures/ingest.bench.ts')).benchIngest(),
  latency: async () => (await import('./figures/latency.bench.ts')).benchLatency(),
  storm: async () => (await import('./figures/storm.bench.ts')).benchStorm(),
  memory: async () => (await import('./figures/memory.bench.ts')).benchMemory(),
  enroll: async () => (await import('./figures/enroll.bench.ts')).benchEnroll(),
  bootstrap: async () => (await import('./figures/bootstrap.bench.ts')).benchBootstrap(),
  crl: async () => (await import('./figures/crl.bench.ts')).benchCrl(),
  bytes: async () => (await import('./figures/bytes.bench.ts')).benchBytes(),
  chart: async () => (await import('./figures/chart.bench.ts')).benchChart(),
  latest: async () => (await import('./figures/latest-values.bench.ts')).benchLatest(),
  fold: async () => (await import('./figures/fold.bench.ts')).benchFold(),
  export: async () => (await import('./figures/export.bench.ts')).benchExport(),
  auth: async () => (await import('./figures/auth.bench.ts')).benchAuth(),
  topics: async () => (await import('./figures/topics.bench.ts')).benchTopics(),
  nvs: async () => (await import('./figures/nvs.bench.ts')).benchNvs(),
  ready: async () => (await import('./figures/ready.bench.ts')).benchReady(),
  sync: async () => (await import('./figures/sync.bench.ts')).benchSync(),
  flash: async () => (await import('./figures/flash.bench.ts')).benchFlash(),
}

const { names: wanted, problem } = readOptions(process.argv.slice(2))
const unknown = wanted.filter((name) => !Object.hasOwn(benchmarks, name))
if (wanted.length === 0 || unknown.length > 0 || problem !== null) {
  if (problem !== null) say(problem)
  say(`Usage: npm run bench -- ${Object.keys(benchmarks).join('|')} [--charts N] [--folding READINGS]`)
  process.exit(2)
}
const [busy = 0] = loadavg()
if (busy > availableParallelism() / 2)
  say(`This machine is busy (load ${busy.toFixed(1)}): the figures will be poor`)
for (const name of wanted) await benchmarks[name]?.()
