import { writeSync } from 'node:fs'
import { createHistorian } from '../create-historian.ts'
import { IngestClient } from './ingest-client.ts'
import { batchOf } from './local-store.ts'

/**
 * `node ingest-child.ts DIR FROM`: sends batches of ten readings with the times FROM, FROM + 1 and so on, eight
 * batches at a time, and prints each time once its batch was answered as committed. It goes on until it is killed.
 */
const [dir = '', from = '0'] = process.argv.slice(2)
const historian = createHistorian({ dir }, { runRows: 200 })
await historian.start()
const client = new IngestClient(historian.openIngest())
let next = Number(from)

async function sendOn(): Promise<void> {
  for (;;) {
    const times = Array.from({ length: 10 }, (_, at) => next + at)
    next += times.length
    const rows = times.map((ts) => ({ channel: 'c', kind: 'number' as const, ts, value: ts * 2, quality: 0 }))
    const reply = await client.send(batchOf(rows))
    if (reply.committed) writeSync(1, `${times.join('\n')}\n`)
  }
}

await Promise.all(Array.from({ length: 8 }, sendOn))
