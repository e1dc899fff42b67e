import type { EngineProcess } from './engine-process.ts'

const TAIL_CHARACTERS = 16_384

/** The end of what a process printed, for the crash page when it could not say its last words itself. */
export class OutputTail {
  #errors = ''

  read(engine: Pick<EngineProcess, 'stdout' | 'stderr'>): void {
    // stdout is drained too: a full pipe would block the engine.
    engine.stdout?.on('data', () => undefined)
    engine.stderr?.on('data', (chunk: Buffer | string) => {
      this.#errors = (this.#errors + String(chunk)).slice(-TAIL_CHARACTERS)
    })
  }

  /** The line of the last printed error that says what happened: not a stack frame, not Node's version line. */
  lastError(): string | null {
    const lines = this.#errors.split('\n').map((line) => line.trim())
    const telling = lines.filter((line) => /^(\w*Error\b|FATAL|panic|Uncaught)/.test(line))
    return telling.at(-1) ?? null
  }
}
