import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The folder of the built UI: beside the sources it is in dist/, in the build beside main/. */
export function builtUi(): string {
  const isSource = extname(fileURLToPath(import.meta.url)) === '.ts'
  return fileURLToPath(new URL(isSource ? '../../dist/renderer' : '../../renderer', import.meta.url))
}
