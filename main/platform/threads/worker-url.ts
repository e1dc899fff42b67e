import { extname } from 'node:path'

/**
 * The URL of a worker's entry beside the calling module. It keeps the caller's extension, so that the same code
 * starts `x.worker.ts` from the sources and `x.worker.js` from the build, which preserves the folders.
 *
 * @example new Worker(workerUrl('./historian-writer.worker', import.meta.url))
 */
export function workerUrl(entry: string, caller: string): URL {
  return new URL(entry + extname(new URL(caller).pathname), caller)
}
