import { rmSync } from 'node:fs'
import { createHistorian } from '/work/main/main/platform/historian/create-historian.ts'
import { IngestClient } from '/work/main/main/platform/historian/testing/ingest-client.ts'
const dir = '/work/tmp/b/store'
rmSync(dir, { recursive: true, force: true })
const SERIES = Number(process.argv[2] ?? 200), HOURS = Number(process.argv[3] ?? 3)
const h = createHistorian({ dir }); await h.start()
h.onStorageEvent((e) => console.log(e))
const client = new IngestClient(h.openIngest())
const start = Math.floor(Date.now() / 3.6e6) * 3.6e6 - (HOURS + 2) * 3.6e6
const v = new Float64Array(SERIES).fill(20)
const intro = Array.from({ length: SERIES }, (_, i) => ({ handle: i, assignmentId: 'a', channel: `c${i}`, kind: 'number' as const, unit: null }))
let first = true, id = 0
async function send(ts: number, secs: number) {
  const rows = new Float64Array(SERIES * secs * 4)
  let at = 0
  for (let s = 0; s < secs; s++) for (let i = 0; i < SERIES; i++) { v[i] = Math.round((v[i]! + (Math.random() - 0.5) * 0.2) * 100) / 100; rows[at] = i; rows[at + 1] = ts + s * 1000; rows[at + 2] = v[i]!; rows[at + 3] = 0; at += 4 }
  const r = await client.send({ id: ++id, rows, texts: [], introductions: first ? intro : [], undated: [] })
  first = false
  if (!r.committed) throw new Error(JSON.stringify(r))
}
let t = performance.now()
for (let s = 0; s < HOURS * 3600; s += 20) await send(start + s * 1000, 20)
const n = SERIES * HOURS * 3600
console.log('ingested', n, Math.round(n / (performance.now() - t)), 'k/s')
while ((await h.stats()).hotRows > 40000) await new Promise((r) => setTimeout(r, 200))
console.log(await h.stats())
async function load(ms: number) {
  const times: number[] = []; let next = performance.now(); const end = next + ms
  let ts = Date.now(); 
  while (performance.now() < end) {
    const rows = new Float64Array(100 * 4); for (let i = 0; i < 100; i++) rows.set([i % SERIES, ts + i, 1, 0], i * 4); ts += 100
    const b = performance.now()
    client.send({ id: ++id, rows, texts: [], introductions: [], undated: [] }).then(() => times.push(performance.now() - b))
    next += 20; await new Promise((r) => setTimeout(r, Math.max(0, next - performance.now())))
  }
  times.sort((a, b) => a - b)
  return { n: times.length, p50: times[times.length >> 1], p95: times[Math.floor(times.length * .95)], p99: times[Math.floor(times.length * .99)], max: times.at(-1) }
}
console.log('before', await load(5000))
t = performance.now()
let done = false
const cpu0 = process.cpuUsage()
const fold = h.fold().then(() => { done = true; const s = performance.now() - t; console.log('fold', Math.round(n / s), 'k rows/s', Math.round(s), 'ms cpu', process.cpuUsage(cpu0)) })
while (!done) console.log('during', await load(4000))
await fold
console.log('after', await load(4000))
const rep = await h.storage()
console.log(rep, 'bytes/reading', rep.files.reduce((a, f) => a + f.bytes, 0) / n, 'counted', rep.lastDay.bytes / n)
await h.stop()
