import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { publisherKey } from './bundle-files.ts'
import { SIM_GATEWAY_TEXT, simGatewayFiles } from './sim-gateway.ts'

test('the committed bundle is what the tool makes, and its apps carry the text', () => {
  const folder = resolve(import.meta.dirname, '../../../resources/firmware/sim-gateway')
  const made = simGatewayFiles(publisherKey)
  const committed = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((path) => join(folder, path))
    .filter((path) => statSync(path).isFile())
  expect(committed.map((path) => relative(folder, path)).toSorted()).toEqual([...made.keys()].toSorted())
  for (const [path, content] of made) {
    expect({ path, same: readFileSync(join(folder, path)).equals(content) }).toEqual({ path, same: true })
    if (path.endsWith('app.bin')) expect(content.includes(SIM_GATEWAY_TEXT)).toBe(true)
  }
})
