import { createPrivateKey } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { simGatewayFiles } from '#firmware/bundle/testing/sim-gateway.ts'

/**
 * Writes `resources/firmware/sim-gateway`, by hand when what it is made of changes:
 * `node tools/firmware/make-sim-gateway.ts`. What it writes is committed, and a test compares.
 */
const root = resolve(import.meta.dirname, '../..')
const key = createPrivateKey(readFileSync(join(root, 'tests/fixtures/firmware/publisher.key.pem')))

for (const [path, content] of simGatewayFiles(key)) {
  const file = join(root, 'resources/firmware/sim-gateway', path)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, content)
}
