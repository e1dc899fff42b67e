import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
// @ts-expect-error: aedes-persistence ships its suite without types
import abstractPersistence from 'aedes-persistence/abstract.js'
import { SqlitePersistence } from '../sqlite-persistence.ts'

/** The conformance suite of aedes-persistence, run by `conformance.slow.test.ts` under Node's own test runner, which it is written for. */
const folder = mkdtempSync(join(tmpdir(), 'mqtt-conformance-'))
after(() => rmSync(folder, { recursive: true }))
let file = 0

abstractPersistence({
  test,
  testAsync: true,
  persistence: async () => {
    file += 1
    return new SqlitePersistence(join(folder, `${file}.sqlite`), {
      queuedMessagesPerClient: 1_000,
      queuedBytesPerClient: 1_000_000,
      subscriptionsPerClient: 1_000,
      onQueueFull: () => {},
      maySubscribe: () => true,
      mayReceive: () => true,
    })
  },
})
