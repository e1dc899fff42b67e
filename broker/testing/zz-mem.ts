import { fork } from 'node:child_process'
import { TestBroker } from './test-broker.ts'
import * as raw from './raw-packets.ts'
import { connect as tlsConnect, createSecureContext } from 'node:tls'
if (process.send) {
  const conns: any[] = []
  process.on('message', async (m: any) => {
    const t = performance.now()
    await Promise.all(m.list.map((g: any, i: number) => new Promise<void>((resolve, reject) => {
      const socket = tlsConnect({ host: '127.0.0.1', port: m.port, key: g.key, cert: g.cert, rejectUnauthorized: false, session: m.resume ? conns[i]?.session : undefined } as any)
      const rec: any = { socket }
      socket.on('session', (s) => (rec.session = s))
      socket.once('secureConnect', () => socket.write(raw.connect(g.wire, { keepalive: 600 })))
      socket.once('data', () => { conns[i] = rec; resolve() }); socket.on('error', (e) => { console.log(e.message); resolve() })
    })))
    process.send!({ s: (performance.now() - t) / 1000 })
    if (m.drop) setTimeout(() => { for (const c of conns) c.socket.destroy(); process.send!({ dropped: true }) }, 500)
  })
} else {
  const big = 1e6
  const site = await TestBroker.start({ connectionRatePerAddress: big, connectionsPerAddress: big, connections: big, halfOpenConnections: big })
  const list = []
  for (let i = 0; i < 2000; i++) { const g = await site.gateway(); list.push({ key: g.certificate.key, cert: g.certificate.cert, wire: g.identity.wireName }) }
  const child = fork(new URL(import.meta.url).pathname)
  const reply = () => new Promise<any>((r) => child.once('message', r))
  globalThis.gc?.()
  const before = process.memoryUsage().rss
  const worker: any = Reflect.get(site.broker, 'worker')
  for (const resume of [false, true]) {
    const c0 = await worker.cpuUsage()
    child.send({ list: list.slice(0, 1000), port: site.port, resume, drop: true }); const r = await reply(); const c = await worker.cpuUsage(c0)
    console.log('storm 1000', resume ? 'resumed' : 'fresh', r.s.toFixed(2), 's worker cpu', ((c.user + c.system) / 1e6).toFixed(2)); await reply(); await new Promise((r) => setTimeout(r, 1000))
  }
  child.send({ list, port: site.port }); await reply()
  await new Promise((r) => setTimeout(r, 3000)); globalThis.gc?.()
  const m = process.memoryUsage()
  console.log('sessions', (await site.broker.stats()).sessions, 'rss MB before', before >> 20, 'after', m.rss >> 20, 'per connection KB', ((m.rss - before) / 2000 / 1024).toFixed(0), 'external', m.external >> 20)
  child.kill(); await site.stop()
}
