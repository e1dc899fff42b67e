import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A data folder that nobody will miss. */
export interface DemoFolder {
  path: string
  remove(): Promise<void>
}

export async function makeDemoFolder(): Promise<DemoFolder> {
  const path = await mkdtemp(join(tmpdir(), 'millwright-demo-'))
  return { path, remove: () => rm(path, { recursive: true, force: true }) }
}
