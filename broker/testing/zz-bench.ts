import { TestBroker } from './test-broker.ts'
import * as raw from './raw-packets.ts'
import { connect as tlsConnect } from 'node:tls'
const big = 1e6
const limits = { connectionRatePerAddress: big, connectionsPerAddress: big, connections: big, halfOpenConnections: big }
const site = await TestBroker.start(limits)
site.historian['answer'] = ((orig) => function (this: any, batch: any) { return { id: batch.id, committed: true } })(site.historian['answer'])
const worker: any = () => Reflect.get(site.broker, 'worker')
const N = Number(process.argv[2] ?? 1000)
const certs = []
const ids = []
for (let i = 0; i < N; i++) { const g = await site.gateway(); certs.push(g); ids.push(g) }
const rss0 = process.memoryUsage().rss
async function storm(sessions?: (Buffer | undefined)[]) {
  const t = performance.now(); const c0 = await worker().cpuUsage()
  const out: any[] = []
  await Promise.all(certs.map((g, i) => new Promise<void>((resolve, reject) => {
    const socket = tlsConnect({ host: '127.0.0.1', port: site.port, key: g.certificate.key, cert: g.certificate.cert, ca: site.pki.ca, session: sessions?.[i], servername: 'localhost' } as any)
    const rec: any = { socket }; out[i] = rec
    socket.on('session', (s) => (rec.session = s))
    socket.once('secureConnect', () => { rec.reused = socket.isSessionReused(); socket.write(raw.connect(g.identity.wireName, { clean: true, keepalive: 60 })) })
    socket.once('data', () => resolve()); socket.on('error', reject)
  })))
  const c1 = await worker().cpuUsage(c0)
  console.log('storm', N, sessions ? 'resumed' : 'fresh', ((performance.now() - t) / 1000).toFixed(2), 's; worker cpu', ((c1.user + c1.system) / 1e6).toFixed(2), 's', 'reused', out.filter((o) => o.reused).length)
  return out
}
const first = await storm()
await new Promise((r) => setTimeout(r, 500))
for (const f of first) f.socket.destroy()
await new Promise((r) => setTimeout(r, 1000))
const second = await storm(first.map((f) => f.session))
console.log('rss MB', rss0 >> 20, '->', process.memoryUsage().rss >> 20, 'stats', await site.broker.stats())
// ingest
const M = 200_000, W = 20, K = Math.min(N, 200)
let acked = 0, sent = 0
const t = performance.now(); const c0 = await worker().cpuUsage(); const p0 = process.cpuUsage()
await new Promise<void>((resolve) => {
  for (let i = 0; i < K; i++) {
    const { socket } = second[i]; const topic = `mw/${certs[i]!.identity.wireName}/telemetry`
    socket.removeAllListeners('data')
    let id = 0
    const send = () => { if (sent >= M) return; sent++; id = (id % 65000) + 1; socket.write(raw.publish(topic, `{"ts":${1771322400000 + sent},"values":{"temperature":${(sent % 1000) / 10}}}`, id)) }
    socket.on('data', (d: Buffer) => { const n = d.length / 4; acked += n; if (acked >= M) resolve(); for (let k = 0; k < n; k++) send() })
    for (let k = 0; k < W; k++) send()
  }
})
const s = (performance.now() - t) / 1000; const c1 = await worker().cpuUsage(c0); const p1 = process.cpuUsage(p0)
console.log('ingest', (M / s) | 0, '/s; worker cpu us/msg', ((c1.user + c1.system) / M).toFixed(2), 'of which system', (c1.system / M).toFixed(2), 'process', ((p1.user + p1.system) / M).toFixed(2))
for (const x of second) x.socket.destroy()
await site.stop()
