import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'

/** A folder that goes away with the test. */
export function tempFolder(): string {
  const dir = makeFolder()
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }))
  return dir
}

export function makeFolder(): string {
  return mkdtempSync(join(tmpdir(), 'millwright-historian-'))
}
