import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseNvsCsv } from './csv.ts'
import type { NvsContents } from './nvs-value.ts'

/** Images of Espressif's generator with the CSV files they were made of. The keys in them are for tests. */
export const nvsFixtures = fileURLToPath(new URL('../../tests/fixtures/nvs/', import.meta.url))

export function fixture(name: string): Uint8Array {
  return new Uint8Array(readFileSync(nvsFixtures + name))
}

export function fixtureCsv(name: string): NvsContents {
  return parseNvsCsv(readFileSync(nvsFixtures + name, 'utf8'), fixture)
}
