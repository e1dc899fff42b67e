import { appendFileSync, mkdirSync, renameSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import type { EngineProcess } from './engine-process.ts'

const MAX_BYTES = 2 * 1024 * 1024

/** The desktop's own log: what the shell did and what the engine printed. Two files of 2 MiB at most. */
export class LogFile {
  readonly path: string
  #bytes: number | null = null

  constructor(path: string) {
    this.path = path
  }

  /** A line of the shell, with its time. */
  write(line: string): void {
    this.#append(`${new Date().toISOString()} shell ${line}\n`)
  }

  /** Copies what the engine prints. */
  copy(engine: Pick<EngineProcess, 'stdout' | 'stderr'>): void {
    for (const stream of [engine.stdout, engine.stderr]) {
      stream?.on('data', (chunk: Buffer | string) => this.#append(String(chunk)))
    }
  }

  #open(): number {
    mkdirSync(dirname(this.path), { recursive: true, mode: 0o700 })
    return statSync(this.path, { throwIfNoEntry: false })?.size ?? 0
  }

  #append(text: string): void {
    try {
      let bytes = this.#bytes ?? this.#open()
      if (bytes > MAX_BYTES) {
        renameSync(this.path, `${this.path}.old`)
        bytes = 0
      }
      appendFileSync(this.path, text, { mode: 0o600 })
      this.#bytes = bytes + Buffer.byteLength(text)
    } catch {
      // A full disk must not bring the shell down for its log.
    }
  }
}
